DROP TRIGGER place_moved ON places_place;
DROP TRIGGER place_rules_touch ON places_place;
DO $$
DECLARE watched text; deed text;
BEGIN
  FOREACH watched IN ARRAY ARRAY['openingrule', 'closedday', 'tariff'] LOOP
    FOREACH deed IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
      EXECUTE format('DROP TRIGGER %1$s_%2$s_touches ON places_%1$s', watched, deed);
    END LOOP;
  END LOOP;
END $$;
DROP TRIGGER part_inserted ON places_combinationpart;
DROP TRIGGER part_updated ON places_combinationpart;
DROP TRIGGER part_deleted ON places_combinationpart;
DROP TRIGGER place_tree_delete ON places_place;
DROP TRIGGER place_tree_update ON places_place;
DROP TRIGGER place_tree_insert ON places_place;
DROP TRIGGER place_no_cycle ON places_place;
DROP FUNCTION places_moved, places_rules_changed, places_terms_changed, places_touch, places_parts_changed,
  places_parent_of_gone, places_tree_changed, places_refuse_cycle, places_rebuild_cover, places_lock_trees, places_tree_of;
ALTER TABLE places_tariff DROP CONSTRAINT tariff_no_overlap;
ALTER TABLE places_place DROP COLUMN search_vector, DROP COLUMN location;
