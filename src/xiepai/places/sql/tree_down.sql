DROP TRIGGER place_moved ON places_place;
DROP TRIGGER place_rules_touch ON places_place;
DROP TRIGGER tariff_touches ON places_tariff;
DROP TRIGGER closed_day_touches ON places_closedday;
DROP TRIGGER opening_touches ON places_openingrule;
DROP TRIGGER part_changed ON places_combinationpart;
DROP TRIGGER place_tree_delete ON places_place;
DROP TRIGGER place_tree_update ON places_place;
DROP TRIGGER place_tree_insert ON places_place;
DROP TRIGGER place_no_cycle ON places_place;
DROP FUNCTION places_moved, places_rules_changed, places_terms_changed, places_touch, places_parts_changed,
  places_parent_of_gone, places_tree_changed, places_refuse_cycle, places_rebuild_cover, places_lock_trees, places_tree_of;
ALTER TABLE places_tariff DROP CONSTRAINT tariff_no_overlap;
ALTER TABLE places_place DROP COLUMN search_vector, DROP COLUMN location;
