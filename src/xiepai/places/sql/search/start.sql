-- Where the walk up the tree for opening hours begins: at the place itself if it states any, else at its parent.
CASE WHEN EXISTS (SELECT 1 FROM places_openingrule r WHERE r.place_id = p.id)
       OR EXISTS (SELECT 1 FROM places_closedday d WHERE d.place_id = p.id)
     THEN p.id ELSE p.parent_id END
