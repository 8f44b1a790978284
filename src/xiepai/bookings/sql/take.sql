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

-- What stands in the way of one entry, as JSON, or null. The walk over the leaves and both looks into each
-- exclusive one are a single statement: starting a statement costs more than what it does here. Which of the
-- two indexes a look means is decided by writing leaf_id or leaf_id + 0.
CREATE FUNCTION bookings_obstacle(place bigint, span tstzrange, before_min int, after_min int, overrides boolean,
                                  wanted_units int, except_booking bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  ahead_span tstzrange := tstzrange(lower(span) - make_interval(mins => before_min), upper(span));
  behind_span tstzrange := tstzrange(lower(span), upper(span) + make_interval(mins => after_min));
  counted_span tstzrange;
  lanes int8range := bookings_lane(overrides);
  c record; o record; taken bigint; needed int;
BEGIN
  FOR c IN
    SELECT v.leaf_id, l.capacity, x.* FROM places_cover v JOIN places_place l ON l.id = v.leaf_id
    LEFT JOIN LATERAL (
      (SELECT true AS is_met, booking_id, blocking_id, period FROM bookings_occupancy
        WHERE leaf_id = v.leaf_id AND NOT is_counted AND behind && behind_span AND (lane && lanes) IS TRUE
          AND (except_booking IS NULL OR booking_id IS DISTINCT FROM except_booking) LIMIT 1)
      UNION ALL
      (SELECT true, booking_id, blocking_id, period FROM bookings_occupancy
        WHERE leaf_id + 0 = v.leaf_id AND NOT is_counted AND ahead && ahead_span AND (lane && lanes) IS TRUE
          AND (except_booking IS NULL OR booking_id IS DISTINCT FROM except_booking) LIMIT 1)
      LIMIT 1) x ON l.capacity = 1
    WHERE v.place_id = place ORDER BY v.leaf_id
  LOOP
    IF c.is_met THEN
      RETURN jsonb_build_object('outcome', 'taken', 'leaf_id', c.leaf_id, 'booking_id', c.booking_id,
        'blocking_id', c.blocking_id, 'until', upper(c.period));
    ELSIF c.capacity > 1 THEN
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

-- A plan made while a table was empty would scan it for ever: enable_seqscan = off keeps to the index. A plan
-- made anew for every array costs more than all it does: force_generic_plan makes each one once a session.
CREATE FUNCTION bookings_take(entries jsonb, who jsonb) RETURNS jsonb LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  moment timestamptz := who->>'at';
  entry jsonb; b bookings_booking; fresh bookings_booking[] := '{}'; places bigint[] := '{}'; ids bigint[] := '{}';
  block jsonb; o record;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM kernel_require_read_committed();
  END IF;
  FOR n IN 0 .. jsonb_array_length(entries) - 1 LOOP
    entry := entries -> n;
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
    ids := ids || b.id;
    places := places || b.place_id;
  END LOOP;

  -- A tree that is just being changed is waited for (it locks its places FOR UPDATE), and waits for us.
  PERFORM 1 FROM places_place
    WHERE id = ANY (places || ARRAY(SELECT leaf_id FROM places_cover WHERE place_id = ANY (places)))
    ORDER BY id FOR KEY SHARE;

  -- Exclusive leaves first, those of all entries in one order; what another transaction is just taking is
  -- waited for, not raced with.
  FOR o IN SELECT w.n, c.leaf_id FROM unnest(places) WITH ORDINALITY w(place_id, n)
    JOIN places_cover c ON c.place_id = w.place_id JOIN places_place l ON l.id = c.leaf_id
    WHERE l.capacity = 1 ORDER BY c.leaf_id, lower(fresh[w.n].period)
  LOOP
    b := fresh[o.n];
    INSERT INTO bookings_occupancy (leaf_id, booking_id, period, ahead, behind, lane, is_counted, units)
    VALUES (o.leaf_id, b.id, b.period,
      tstzrange(lower(b.period) - make_interval(mins => b.buffer_before_minutes), upper(b.period)),
      tstzrange(lower(b.period), upper(b.period) + make_interval(mins => b.buffer_after_minutes)),
      bookings_lane(b.overrides_blocking), false, 1)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      DELETE FROM bookings_occupancy WHERE booking_id = ANY (ids);
      RETURN bookings_first_obstacle(entries);
    END IF;
  END LOOP;
  -- Counted leaves follow, locked in leaf order for all entries; a peak reached meanwhile raises in the
  -- booking's trigger.
  IF array_length(ids, 1) > 1 THEN
    PERFORM 1 FROM places_place WHERE capacity > 1
      AND id = ANY (ARRAY(SELECT leaf_id FROM places_cover WHERE place_id = ANY (places)))
      ORDER BY id FOR NO KEY UPDATE;
  END IF;
  FOR n IN 1 .. array_length(ids, 1) LOOP
    b := fresh[n];
    INSERT INTO bookings_booking VALUES (b.*);
    INSERT INTO kernel_auditentry (event, actor_id, actor_name, organisation_id, object_type, object_id, after,
                                   request_id, source)
    VALUES (who->>'event', (who->>'person_id')::bigint, who->>'name', b.organisation_id, 'bookings.booking', b.id,
      jsonb_strip_nulls((entries -> n - 1) - 'place_version' || jsonb_build_object('id', b.id, 'version', 1,
        'created_at', moment, 'state_at', moment, 'period', jsonb_build_array(lower(b.period), upper(b.period)))),
      who->>'request_id', who->>'source');
  END LOOP;
  RETURN jsonb_build_object('outcome', 'ok', 'ids', to_jsonb(ids));
END $$;
