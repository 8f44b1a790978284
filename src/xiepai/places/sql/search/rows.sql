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
             SELECT p.parent_id AS id, 1 AS height
             UNION ALL SELECT u.parent_id, up.height + 1 FROM up JOIN places_place u ON u.id = up.id
           )
           SELECT a.name FROM up JOIN places_place a ON a.id = up.id WHERE {{ancestor_visible}} ORDER BY up.height DESC
         ) AS path
  FROM page
  JOIN places_place p ON p.id = page.id
  JOIN parties_organisation o ON o.id = p.owner_id
  LEFT JOIN LATERAL (
    SELECT is_free, hour_fen, day_fen, day_limit_minutes FROM places_tariff
    WHERE place_id = p.id AND valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s) LIMIT 1
  ) t ON true
) r
