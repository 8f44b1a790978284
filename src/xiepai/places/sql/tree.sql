-- The tree of places, what each place occupies (its leaves), search columns and versions.

ALTER TABLE places_place
  ADD COLUMN location point GENERATED ALWAYS AS (point(longitude, latitude)) STORED,
  ADD COLUMN search_vector tsvector
    GENERATED ALWAYS AS (array_to_tsvector(string_to_array(nullif(search_text, ''), ' '))) STORED;
CREATE INDEX place_location ON places_place USING gist (location);
CREATE INDEX place_search ON places_place USING gin (search_vector);

-- Past tariffs stay and never overlap.
ALTER TABLE places_tariff ADD CONSTRAINT tariff_no_overlap
  EXCLUDE USING gist (place_id WITH =, daterange(valid_from, valid_to) WITH &&);

-- Every place of the trees that contain the given places.
CREATE FUNCTION places_tree_of(ids bigint[]) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  WITH RECURSIVE up AS (
    SELECT id, parent_id FROM places_place WHERE id = ANY (ids)
    UNION SELECT p.id, p.parent_id FROM places_place p JOIN up ON p.id = up.parent_id
  ), down AS (
    SELECT id FROM up WHERE parent_id IS NULL
    UNION SELECT p.id FROM places_place p JOIN down ON p.parent_id = down.id
  ) SELECT id FROM down
$$;

-- Plans are made anew at each call: one made while the table was small would scan it for ever.

-- Lock the whole trees these places stand in, in one order. A booking keeps its place FOR KEY SHARE: either it is
-- committed before the tree changes and follows, or it waits and meets the tree as it has become.
CREATE FUNCTION places_lock_trees(ids bigint[]) RETURNS bigint[] LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE members bigint[]; again bigint[];
BEGIN
  SELECT array_agg(t) INTO again FROM places_tree_of(ids) t;
  LOOP
    members := again;
    PERFORM 1 FROM places_place WHERE id = ANY (members) ORDER BY id FOR UPDATE;
    SELECT array_agg(t) INTO again FROM places_tree_of(ids) t;
    EXIT WHEN again IS NULL OR again <@ members;  -- who waited may find the tree grown
  END LOOP;
  RETURN again;
END $$;

-- A leaf is a place nothing stands under (combinations do not count as standing under a hall: they
-- are another way to name its parts). Only rows that differ are written, so that bookings follow
-- exactly what changed.
CREATE FUNCTION places_rebuild_cover(ids bigint[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE members bigint[];
BEGIN
  members := places_lock_trees(ids);
  IF members IS NULL THEN RETURN; END IF;
  WITH RECURSIVE walk AS (
    SELECT id AS place_id, id AS node FROM places_place WHERE id = ANY (members) AND kind <> 'combination'
    UNION ALL
    SELECT walk.place_id, c.id FROM walk JOIN places_place c ON c.parent_id = walk.node
    WHERE c.kind <> 'combination'
  ), plain AS (
    SELECT place_id, node AS leaf_id FROM walk
    WHERE NOT EXISTS (SELECT 1 FROM places_place c WHERE c.parent_id = walk.node AND c.kind <> 'combination')
  ), wanted AS (
    SELECT place_id, leaf_id FROM plain
    UNION
    SELECT cp.combination_id, plain.leaf_id FROM places_combinationpart cp
    JOIN plain ON plain.place_id = cp.part_id WHERE cp.combination_id = ANY (members)
  ), gone AS (
    DELETE FROM places_cover c WHERE c.place_id = ANY (members)
      AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.place_id = c.place_id AND w.leaf_id = c.leaf_id)
    RETURNING 1
  )
  INSERT INTO places_cover (place_id, leaf_id)
  SELECT w.place_id, w.leaf_id FROM wanted w
  WHERE NOT EXISTS (SELECT 1 FROM places_cover c WHERE c.place_id = w.place_id AND c.leaf_id = w.leaf_id);
END $$;

CREATE FUNCTION places_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM places_lock_trees(ARRAY[NEW.id, NEW.parent_id]);
  IF NEW.parent_id IS NOT NULL AND EXISTS (
    WITH RECURSIVE up AS (
      SELECT id, parent_id FROM places_place WHERE id = NEW.parent_id
      UNION SELECT p.id, p.parent_id FROM places_place p JOIN up ON p.id = up.parent_id
    ) SELECT 1 FROM up WHERE id = NEW.id
  ) THEN
    RAISE EXCEPTION 'a place cannot stand under itself' USING ERRCODE = 'XP002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER place_no_cycle BEFORE UPDATE OF parent_id ON places_place
  FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION places_refuse_cycle();

CREATE FUNCTION places_tree_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(id) INTO ids FROM fresh;
  ELSE
    SELECT array_agg(DISTINCT x) INTO ids FROM (
      SELECT unnest(ARRAY[f.id, f.parent_id, s.parent_id]) AS x FROM fresh f JOIN stale s ON s.id = f.id
      WHERE f.parent_id IS DISTINCT FROM s.parent_id OR f.kind IS DISTINCT FROM s.kind
    ) moved WHERE x IS NOT NULL;
  END IF;
  PERFORM places_rebuild_cover(ids);
  RETURN NULL;
END $$;
CREATE TRIGGER place_tree_insert AFTER INSERT ON places_place
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION places_tree_changed();
CREATE TRIGGER place_tree_update AFTER UPDATE ON places_place
  REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION places_tree_changed();

CREATE FUNCTION places_parent_of_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM places_rebuild_cover((SELECT array_agg(DISTINCT parent_id) FROM stale WHERE parent_id IS NOT NULL));
  RETURN NULL;
END $$;
CREATE TRIGGER place_tree_delete AFTER DELETE ON places_place
  REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION places_parent_of_gone();

CREATE FUNCTION places_parts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM places_rebuild_cover(array_agg(DISTINCT combination_id)) FROM stale; END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM places_rebuild_cover(array_agg(DISTINCT combination_id)) FROM fresh; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER part_inserted AFTER INSERT ON places_combinationpart
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION places_parts_changed();
CREATE TRIGGER part_updated AFTER UPDATE ON places_combinationpart
  REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION places_parts_changed();
CREATE TRIGGER part_deleted AFTER DELETE ON places_combinationpart
  REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION places_parts_changed();

-- What a booking depends on has a version: hours, closed days, tariffs, rules. Hours are inherited,
-- so the places below rise too.
CREATE FUNCTION places_touch(ids bigint[]) RETURNS void LANGUAGE sql
SET plan_cache_mode = force_custom_plan SET jit = off AS $$
  WITH RECURSIVE down AS (
    SELECT id FROM places_place WHERE id = ANY (ids)
    UNION SELECT p.id FROM places_place p JOIN down ON p.parent_id = down.id
  ) UPDATE places_place SET version = version + 1 WHERE id IN (SELECT id FROM down)
$$;

-- Once a statement, not once a row: an import writes thousands.
CREATE FUNCTION places_terms_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM places_touch(array_agg(DISTINCT place_id)) FROM stale; END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM places_touch(array_agg(DISTINCT place_id)) FROM fresh; END IF;
  RETURN NULL;
END $$;
DO $$
DECLARE watched text;
BEGIN
  FOREACH watched IN ARRAY ARRAY['openingrule', 'closedday', 'tariff'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_insert_touches AFTER INSERT ON places_%1$s REFERENCING NEW TABLE AS fresh
      FOR EACH STATEMENT EXECUTE FUNCTION places_terms_changed()', watched);
    EXECUTE format('CREATE TRIGGER %1$s_update_touches AFTER UPDATE ON places_%1$s
      REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION places_terms_changed()', watched);
    EXECUTE format('CREATE TRIGGER %1$s_delete_touches AFTER DELETE ON places_%1$s REFERENCING OLD TABLE AS stale
      FOR EACH STATEMENT EXECUTE FUNCTION places_terms_changed()', watched);
  END LOOP;
END $$;

CREATE FUNCTION places_rules_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER place_rules_touch BEFORE UPDATE ON places_place FOR EACH ROW WHEN (
  (NEW.parent_id, NEW.is_bookable, NEW.capacity, NEW.approval, NEW.hold_minutes, NEW.lead_minutes, NEW.ahead_days,
   NEW.min_minutes, NEW.max_minutes, NEW.step_minutes, NEW.buffer_before_minutes, NEW.buffer_after_minutes,
   NEW.visibility, NEW.name, NEW.terms, NEW.owner_id, NEW.unit_label)
  IS DISTINCT FROM
  (OLD.parent_id, OLD.is_bookable, OLD.capacity, OLD.approval, OLD.hold_minutes, OLD.lead_minutes, OLD.ahead_days,
   OLD.min_minutes, OLD.max_minutes, OLD.step_minutes, OLD.buffer_before_minutes, OLD.buffer_after_minutes,
   OLD.visibility, OLD.name, OLD.terms, OLD.owner_id, OLD.unit_label)
) EXECUTE FUNCTION places_rules_changed();

-- A place that moves inherits other hours, and so do the places below it.
CREATE FUNCTION places_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM places_touch(ARRAY[NEW.id]);
  RETURN NULL;
END $$;
CREATE TRIGGER place_moved AFTER UPDATE OF parent_id ON places_place
  FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION places_moved();
