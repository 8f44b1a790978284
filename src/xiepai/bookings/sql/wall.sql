-- The wall: nothing is booked twice, whatever door the write comes through.
--
-- A booking's occupancy is written here, from the booking row itself, by trigger. Exclusive leaves are
-- kept apart by the two exclusion constraints of bookings_occupancy; counted leaves by a peak check
-- under the leaf's row lock. Locks are always taken in leaf order, exclusive before counted, so that
-- two bundles never wait for each other in a ring.

CREATE INDEX occupancy_counted ON bookings_occupancy USING gist (leaf_id, behind) WHERE is_counted;

CREATE FUNCTION bookings_occupies(state text, pencil int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT pencil = 1 AND state IN ('leased', 'held', 'requested', 'confirmed', 'in_use', 'handed_back', 'settled')
$$;

-- Lanes: an ordinary booking spans every lane, a blocking its own, a booking that may override
-- blockings only lane 1; so bookings always meet each other, and blockings only ordinary bookings.
CREATE FUNCTION bookings_lane(overrides boolean) RETURNS int8range LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN overrides THEN int8range(1, 2) ELSE int8range(1, NULL) END
$$;

-- Highest number of units taken at one instant within a range (not the sum over it).
CREATE FUNCTION bookings_peak_units(leaf bigint, span tstzrange) RETURNS bigint LANGUAGE sql STABLE
SET enable_seqscan = off AS $$
  WITH met AS (
    SELECT behind, units FROM bookings_occupancy
    WHERE leaf_id = leaf AND is_counted AND booking_id IS NOT NULL AND behind && span
  ), steps AS (
    SELECT greatest(lower(behind), lower(span)) AS at, units AS change FROM met
    UNION ALL
    SELECT upper(behind), -units FROM met WHERE upper(behind) < upper(span)
  )
  SELECT coalesce(max(level), 0) FROM (SELECT sum(change) OVER (ORDER BY at, change) AS level FROM steps) x
$$;

CREATE FUNCTION bookings_guard_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total int; taken bigint;
BEGIN
  PERFORM kernel_require_read_committed();
  SELECT capacity INTO total FROM places_place WHERE id = NEW.leaf_id FOR NO KEY UPDATE;
  IF NEW.booking_id IS NULL THEN  -- a blocking takes all units: no ordinary booking may lie there
    IF EXISTS (SELECT 1 FROM bookings_occupancy WHERE leaf_id = NEW.leaf_id AND is_counted
               AND booking_id IS NOT NULL AND upper_inf(lane) AND behind && NEW.behind) THEN
      RAISE EXCEPTION 'blocking % meets bookings', NEW.blocking_id
        USING ERRCODE = '23P01', CONSTRAINT = 'blocking_meets_bookings';
    END IF;
    RETURN NEW;
  END IF;
  IF upper_inf(NEW.lane) AND EXISTS (
    SELECT 1 FROM bookings_occupancy WHERE leaf_id = NEW.leaf_id AND is_counted AND blocking_id IS NOT NULL
      AND behind && NEW.behind
  ) THEN
    RAISE EXCEPTION 'blocked' USING ERRCODE = '23P01', CONSTRAINT = 'occupancy_no_overlap';
  END IF;
  taken := bookings_peak_units(NEW.leaf_id, NEW.behind);
  IF taken + NEW.units > total THEN
    RAISE EXCEPTION 'only % of % units are free', total - taken, total
      USING ERRCODE = '23P01', CONSTRAINT = 'occupancy_counted_peak';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER occupancy_counted_guard BEFORE INSERT OR UPDATE ON bookings_occupancy
  FOR EACH ROW WHEN (NEW.is_counted) EXECUTE FUNCTION bookings_guard_counted();

-- Occupy every leaf of a booking's place that it does not occupy yet; false when one is taken.
-- Units: a booking of the counted leaf itself takes its units, a booking from above takes them all.
CREATE FUNCTION bookings_occupy(b bookings_booking) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE wanted int; present int; added int;
BEGIN
  SELECT count(*), count(o.id) INTO wanted, present
  FROM places_cover c LEFT JOIN bookings_occupancy o ON o.booking_id = b.id AND o.leaf_id = c.leaf_id
  WHERE c.place_id = b.place_id;
  IF wanted = present AND wanted > 0 THEN RETURN true; END IF;
  INSERT INTO bookings_occupancy (leaf_id, booking_id, period, ahead, behind, lane, is_counted, units)
  SELECT c.leaf_id, b.id, b.period,
    tstzrange(lower(b.period) - make_interval(mins => b.buffer_before_minutes), upper(b.period)),
    tstzrange(lower(b.period), upper(b.period) + make_interval(mins =>
      CASE WHEN l.capacity > 1 THEN greatest(b.buffer_before_minutes, b.buffer_after_minutes)
      ELSE b.buffer_after_minutes END)),
    bookings_lane(b.overrides_blocking), l.capacity > 1,
    CASE WHEN c.leaf_id = b.place_id THEN b.units ELSE l.capacity END
  FROM places_cover c JOIN places_place l ON l.id = c.leaf_id
  WHERE c.place_id = b.place_id
    AND NOT EXISTS (SELECT 1 FROM bookings_occupancy o WHERE o.booking_id = b.id AND o.leaf_id = c.leaf_id)
  ORDER BY l.capacity > 1, c.leaf_id
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  RETURN wanted > 0 AND present + added = wanted;
END $$;

-- A tree just being changed is waited for before occupancy is written or taken away (foreign keys are checked
-- at commit, too late). What bookings_take has occupied, or a change of state leaves as it is, costs one look.
CREATE FUNCTION bookings_sync() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE is_moved boolean := false; wanted int; present int;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    is_moved := (NEW.place_id, NEW.period, NEW.units, NEW.buffer_before_minutes, NEW.buffer_after_minutes,
                 NEW.overrides_blocking)
      IS DISTINCT FROM (OLD.place_id, OLD.period, OLD.units, OLD.buffer_before_minutes, OLD.buffer_after_minutes,
                        OLD.overrides_blocking);
  END IF;
  IF NOT bookings_occupies(NEW.state, NEW.pencil) THEN
    IF TG_OP = 'UPDATE' THEN
      PERFORM 1 FROM places_place WHERE id = OLD.place_id FOR KEY SHARE;
      DELETE FROM bookings_occupancy WHERE booking_id = NEW.id;
    END IF;
    RETURN NULL;
  END IF;
  IF NOT is_moved THEN
    SELECT count(*), count(o.id) INTO wanted, present
    FROM places_cover c LEFT JOIN bookings_occupancy o ON o.booking_id = NEW.id AND o.leaf_id = c.leaf_id
    WHERE c.place_id = NEW.place_id;
    IF wanted = present AND wanted > 0 THEN RETURN NULL; END IF;
  END IF;
  PERFORM kernel_require_read_committed();
  PERFORM 1 FROM places_place WHERE id = NEW.place_id FOR KEY SHARE;
  IF is_moved THEN DELETE FROM bookings_occupancy WHERE booking_id = NEW.id; END IF;
  IF NOT bookings_occupy(NEW) THEN
    RAISE EXCEPTION 'booking % meets another' , NEW.id
      USING ERRCODE = '23P01', CONSTRAINT = 'occupancy_no_overlap';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER booking_insert_occupies AFTER INSERT ON bookings_booking
  FOR EACH ROW EXECUTE FUNCTION bookings_sync();
CREATE TRIGGER booking_update_occupies AFTER UPDATE OF place_id, period, state, pencil, units, buffer_before_minutes,
  buffer_after_minutes, overrides_blocking ON bookings_booking
  FOR EACH ROW EXECUTE FUNCTION bookings_sync();

-- A blocking takes its own lane on every leaf; it may not land on a booking already there.
CREATE FUNCTION bookings_follow_blocking() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted int; added int;
BEGIN
  IF TG_OP = 'UPDATE' THEN DELETE FROM bookings_occupancy WHERE blocking_id = NEW.id; END IF;
  IF NEW.lifted_at IS NOT NULL THEN RETURN NULL; END IF;
  PERFORM 1 FROM places_place WHERE id = NEW.place_id FOR KEY SHARE;
  SELECT count(*) INTO wanted FROM places_cover WHERE place_id = NEW.place_id;
  INSERT INTO bookings_occupancy (leaf_id, blocking_id, period, ahead, behind, lane, is_counted, units)
  SELECT c.leaf_id, NEW.id, NEW.period, NEW.period, NEW.period, int8range(2 + NEW.id, 3 + NEW.id), l.capacity > 1, 0
  FROM places_cover c JOIN places_place l ON l.id = c.leaf_id WHERE c.place_id = NEW.place_id
  ORDER BY l.capacity > 1, c.leaf_id
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added < wanted THEN
    RAISE EXCEPTION 'blocking % meets bookings', NEW.id
      USING ERRCODE = '23P01', CONSTRAINT = 'blocking_meets_bookings';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER blocking_occupies AFTER INSERT OR UPDATE OF place_id, period, lifted_at ON places_blocking
  FOR EACH ROW EXECUTE FUNCTION bookings_follow_blocking();

-- When a place is split or moved, the bookings and blockings that concern it follow to its new leaves.
CREATE FUNCTION bookings_follow_cover() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE live bookings_booking;
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM bookings_occupancy o USING changed s, bookings_booking b
      WHERE o.leaf_id = s.leaf_id AND o.booking_id = b.id AND b.place_id = s.place_id;
    DELETE FROM bookings_occupancy o USING changed s, places_blocking k
      WHERE o.leaf_id = s.leaf_id AND o.blocking_id = k.id AND k.place_id = s.place_id;
    RETURN NULL;
  END IF;
  FOR live IN SELECT * FROM bookings_booking x
    WHERE x.place_id IN (SELECT place_id FROM changed) AND bookings_occupies(x.state, x.pencil) ORDER BY x.id
  LOOP
    IF NOT bookings_occupy(live) THEN
      RAISE EXCEPTION 'booking % meets another', live.id
        USING ERRCODE = '23P01', CONSTRAINT = 'occupancy_no_overlap';
    END IF;
  END LOOP;
  INSERT INTO bookings_occupancy (leaf_id, blocking_id, period, ahead, behind, lane, is_counted, units)
  SELECT s.leaf_id, k.id, k.period, k.period, k.period, int8range(2 + k.id, 3 + k.id), l.capacity > 1, 0
  FROM changed s JOIN places_blocking k ON k.place_id = s.place_id AND k.lifted_at IS NULL
    JOIN places_place l ON l.id = s.leaf_id;
  RETURN NULL;
END $$;
CREATE TRIGGER cover_insert_followed AFTER INSERT ON places_cover
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bookings_follow_cover();
CREATE TRIGGER cover_delete_followed AFTER DELETE ON places_cover
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bookings_follow_cover();

-- A counted place may not shrink below what is booked, nor turn exclusive under its bookings.
CREATE FUNCTION bookings_guard_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE needed bigint;
BEGIN
  IF (OLD.capacity > 1) <> (NEW.capacity > 1)
     AND EXISTS (SELECT 1 FROM bookings_occupancy WHERE leaf_id = NEW.id) THEN
    RAISE EXCEPTION 'place % has bookings', NEW.id USING ERRCODE = '23P01', CONSTRAINT = 'capacity_has_bookings';
  END IF;
  needed := bookings_peak_units(NEW.id, tstzrange(now(), NULL));
  IF NEW.capacity < needed THEN
    RAISE EXCEPTION '% units of place % are booked', needed, NEW.id
      USING ERRCODE = '23P01', CONSTRAINT = 'capacity_has_bookings';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER place_capacity_guard BEFORE UPDATE OF capacity ON places_place
  FOR EACH ROW WHEN (NEW.capacity IS DISTINCT FROM OLD.capacity) EXECUTE FUNCTION bookings_guard_capacity();
