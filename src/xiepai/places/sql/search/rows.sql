SELECT jsonb_agg(to_jsonb(r) - 'at' ORDER BY r.at) FROM (
  SELECT page.at, p.id, p.code, p.name, p.name_en, p.kind, p.town, p.categories, p.styles, p.setting, p.terms, p.sound,
         p.people_max, p.area_m2::float8, p.ceiling_m::float8, p.visibility, p.standing, p.standing_note,
         p.is_bookable, p.capacity, p.unit_label, p.approval, p.owner_id, o.name AS owner_name,
         CASE WHEN NOT {{locked}} THEN p.latitude END AS latitude,
         CASE WHEN NOT {{locked}} THEN p.longitude END AS longitude,
         page.distance_m, coalesce(t.is_free, false) AS is_free, t.hour_fen, t.day_fen, t.day_limit_minutes,
         (SELECT f.thumbnail FROM places_photo f WHERE f.place_id = p.id ORDER BY f.position, f.id LIMIT 1) AS thumbnail,
         ARRAY(
           WITH RECURSIVE up AS (
             SELECT a.parent_id, a.name, {{ancestor_visible}} AS shown, 1 AS height FROM places_place a
             WHERE a.id = p.parent_id
             UNION ALL
             SELECT a.parent_id, a.name, {{ancestor_visible}}, up.height + 1
             FROM up JOIN places_place a ON a.id = up.parent_id
           )
           SELECT name FROM up WHERE shown ORDER BY height DESC
         ) AS path
  FROM page
  JOIN places_place p ON p.id = page.id
  JOIN parties_organisation o ON o.id = p.owner_id
  {{tariff_of_row}}
) r
