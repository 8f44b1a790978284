-- bookings_take: the fast door. One call, one statement, all or nothing: it refuses without writing
-- where it can see the slot is taken, and otherwise writes occupancy, bookings and audit rows.
--
-- entries: a JSON array of rows of bookings_booking (without id), each with "place_version".
-- who:     {"person_id", "name", "request_id", "source", "at", "event"}; "at" is the caller's clock.
-- answer:  {"outcome": "ok", "ids": [...]}
--          {"outcome": "stale", "place_id"}           the place changed since it was read
--          {"outcome": "taken", "entry", "leaf_id", "booking_id" | "blocking_id", "until"}
--          {"outcome": "full", "entry", "leaf_id", "free"}

-- Expire one overdue hold in passing, unless somebody stands in line for its slot: then the sweep
-- (bookings.services.expiry) decides who comes next, not this newcomer.
CREATE FUNCTION bookings_expire_in_passing(overdue bigint, who jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := (who->>'at')::timestamptz; gone bookings_booking;
BEGIN
  SELECT * INTO gone FROM bookings_booking
    WHERE id = overdue AND state IN ('leased', 'held') AND expires_at <= moment;
  IF NOT FOUND THEN RETURN false; END IF;
  IF EXISTS (SELECT 1 FROM places_cover mine JOIN places_cover theirs ON theirs.leaf_id = mine.leaf_id
             JOIN bookings_waitingentry w ON w.place_id = theirs.place_id
             WHERE mine.place_id = gone.place_id AND w.state = 'waiting' AND w.period && gone.period)
     OR EXISTS (SELECT 1 FROM places_cover mine JOIN places_cover theirs ON theirs.leaf_id = mine.leaf_id
                JOIN bookings_booking s ON s.place_id = theirs.place_id
                WHERE mine.place_id = gone.place_id AND s.pencil = 2 AND s.state = 'held' AND s.period && gone.period)
  THEN RETURN false; END IF;
  UPDATE bookings_booking SET state = 'expired', state_at = moment, version = version + 1
    WHERE id = overdue AND state IN ('leased', 'held') AND expires_at <= moment;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO kernel_auditentry (event, actor_name, organisation_id, object_type, object_id, before, after,
                                 request_id, source)
  VALUES ('bookings.hold.expired', 'system', gone.organisation_id, 'bookings.booking', gone.id,
          jsonb_build_object('state', gone.state), jsonb_build_object('state', 'expired'),
          who->>'request_id', who->>'source');
  RETURN true;
END $$;

-- A plan made while the table was empty would scan it for ever: enable_seqscan = off keeps to the
-- index; which of the two is decided by writing leaf_id or leaf_id + 0.
-- What stands in the way of one entry, as JSON, or null.
CREATE FUNCTION bookings_obstacle(place bigint, span tstzrange, before_min int, after_min int, overrides boolean,
                                  wanted_units int, except_booking bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  ahead_span tstzrange := tstzrange(lower(span) - make_interval(mins => before_min), upper(span));
  behind_span tstzrange := tstzrange(lower(span), upper(span) + make_interval(mins => after_min));
  counted_span tstzrange;
  lanes int8range := bookings_lane(overrides);
  c record; o record; taken bigint; needed int;
BEGIN
  FOR c IN SELECT v.leaf_id, l.capacity FROM places_cover v JOIN places_place l ON l.id = v.leaf_id
           WHERE v.place_id = place ORDER BY v.leaf_id LOOP
    IF c.capacity = 1 THEN
      SELECT x.booking_id, x.blocking_id, x.period INTO o FROM (
        (SELECT booking_id, blocking_id, period FROM bookings_occupancy
          WHERE leaf_id = c.leaf_id AND NOT is_counted AND behind && behind_span AND (lane && lanes) IS TRUE
            AND (except_booking IS NULL OR booking_id IS DISTINCT FROM except_booking) LIMIT 1)
        UNION ALL
        (SELECT booking_id, blocking_id, period FROM bookings_occupancy
          WHERE leaf_id + 0 = c.leaf_id AND NOT is_counted AND ahead && ahead_span AND (lane && lanes) IS TRUE
            AND (except_booking IS NULL OR booking_id IS DISTINCT FROM except_booking) LIMIT 1)) x LIMIT 1;
      IF FOUND THEN
        RETURN jsonb_build_object('outcome', 'taken', 'leaf_id', c.leaf_id, 'booking_id', o.booking_id,
          'blocking_id', o.blocking_id, 'until', upper(o.period));
      END IF;
    ELSE
      counted_span := tstzrange(lower(span), upper(span) + make_interval(mins => greatest(before_min, after_min)));
      SELECT blocking_id, period INTO o FROM bookings_occupancy
        WHERE NOT overrides AND leaf_id = c.leaf_id AND is_counted AND blocking_id IS NOT NULL
          AND behind && counted_span LIMIT 1;
      IF FOUND THEN
        RETURN jsonb_build_object('outcome', 'taken', 'leaf_id', c.leaf_id, 'booking_id', NULL,
          'blocking_id', o.blocking_id, 'until', upper(o.period));
      END IF;
      needed := CASE WHEN c.leaf_id = place THEN wanted_units ELSE c.capacity END;
      taken := bookings_peak_units(c.leaf_id, counted_span);
      IF taken + needed > c.capacity THEN
        RETURN jsonb_build_object('outcome', 'full', 'leaf_id', c.leaf_id, 'free', c.capacity - taken);
      END IF;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- The first entry of a list that meets an obstacle now; a bundle that meets itself says so.
CREATE FUNCTION bookings_first_obstacle(entries jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE i record; block jsonb;
BEGIN
  FOR i IN SELECT r.*, n::int FROM jsonb_array_elements(entries) WITH ORDINALITY AS e(entry, n),
           jsonb_to_record(e.entry) AS r(place_id bigint, period tstzrange, units int,
             buffer_before_minutes int, buffer_after_minutes int, overrides_blocking boolean) LOOP
    block := bookings_obstacle(i.place_id, i.period, i.buffer_before_minutes, i.buffer_after_minutes,
                               i.overrides_blocking, i.units);
    IF block IS NOT NULL THEN RETURN block || jsonb_build_object('entry', i.n - 1); END IF;
  END LOOP;
  RETURN jsonb_build_object('outcome', 'taken', 'entry', NULL, 'leaf_id', NULL, 'booking_id', NULL,
                            'blocking_id', NULL, 'until', NULL);
END $$;

CREATE FUNCTION bookings_take(entries jsonb, who jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := (who->>'at')::timestamptz;
  entry jsonb; b bookings_booking; fresh bookings_booking[] := '{}'; n int := 0;
  block jsonb; wanted int; added int;
BEGIN
  PERFORM kernel_require_read_committed();

  FOR entry IN SELECT jsonb_array_elements(entries) LOOP
    b := jsonb_populate_record(NULL::bookings_booking, entry);
    PERFORM 1 FROM places_place WHERE id = b.place_id AND version = (entry->>'place_version')::int;
    IF NOT FOUND THEN RETURN jsonb_build_object('outcome', 'stale', 'place_id', b.place_id); END IF;
    LOOP
      block := bookings_obstacle(b.place_id, b.period, b.buffer_before_minutes, b.buffer_after_minutes,
                                 b.overrides_blocking, b.units);
      EXIT WHEN block IS NULL OR block->>'booking_id' IS NULL
        OR NOT bookings_expire_in_passing((block->>'booking_id')::bigint, who);
    END LOOP;
    IF block IS NOT NULL THEN RETURN block || jsonb_build_object('entry', n); END IF;
    b.id := nextval('bookings_booking_id_seq');
    b.created_at := moment;
    b.state_at := moment;
    b.version := 1;
    fresh := fresh || b;
    n := n + 1;
  END LOOP;

  -- A tree that is just being changed is waited for (it locks its places FOR UPDATE), and waits for us.
  PERFORM 1 FROM places_place WHERE id IN (SELECT place_id FROM unnest(fresh)) ORDER BY id FOR KEY SHARE;

  -- Exclusive leaves first, all of them in one sorted statement; what another transaction is just
  -- taking is waited for, not raced with.
  WITH wish AS (
    SELECT w.*, c.leaf_id FROM unnest(fresh) w
    JOIN places_cover c ON c.place_id = w.place_id JOIN places_place l ON l.id = c.leaf_id
    WHERE l.capacity = 1
  ), put AS (
    INSERT INTO bookings_occupancy (leaf_id, booking_id, period, ahead, behind, lane, is_counted, units)
    SELECT leaf_id, id, period,
      tstzrange(lower(period) - make_interval(mins => buffer_before_minutes), upper(period)),
      tstzrange(lower(period), upper(period) + make_interval(mins => buffer_after_minutes)),
      bookings_lane(overrides_blocking), false, 1
    FROM wish ORDER BY leaf_id, lower(period)
    ON CONFLICT DO NOTHING RETURNING 1
  )
  SELECT (SELECT count(*) FROM wish), (SELECT count(*) FROM put) INTO wanted, added;
  IF added < wanted THEN
    DELETE FROM bookings_occupancy o USING unnest(fresh) w WHERE o.booking_id = w.id;
    RETURN bookings_first_obstacle(entries);
  END IF;

  -- Counted leaves follow in leaf order, by the trigger; a peak reached meanwhile raises.
  INSERT INTO bookings_booking SELECT w.* FROM unnest(fresh) w
    ORDER BY (SELECT max(c.leaf_id) FROM places_cover c WHERE c.place_id = w.place_id), lower(w.period);

  INSERT INTO kernel_auditentry (event, actor_id, actor_name, organisation_id, object_type, object_id, after,
                                 request_id, source)
  SELECT who->>'event', (who->>'person_id')::bigint, who->>'name', w.organisation_id, 'bookings.booking', w.id,
         jsonb_strip_nulls(to_jsonb(w)), who->>'request_id', who->>'source'
  FROM unnest(fresh) w;

  RETURN jsonb_build_object('outcome', 'ok', 'ids', to_jsonb(ARRAY(SELECT w.id FROM unnest(fresh) w ORDER BY w.id)));
END $$;
