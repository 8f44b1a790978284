-- Where the hits of a search stand: what a map draws. A locked position is the middle of its grid square, and says so.
WITH RECURSIVE base AS MATERIALIZED (
  SELECT p.id, p.capacity, p.buffer_before_minutes, p.buffer_after_minutes, {{start}} AS start
  FROM places_place p
  WHERE {{conditions}} AND p.latitude IS NOT NULL
  ORDER BY p.sort_key, p.id LIMIT %(most)s
), {{hours}} hits AS MATERIALIZED (
  SELECT p.* FROM base p WHERE {{free}}
)
SELECT p.id, p.name, p.name_en, p.categories[1], {{lat}}, {{lon}}, coalesce({{locked}}, false), p.standing,
       coalesce(t.is_free, false), t.hour_fen, t.day_fen
FROM hits h JOIN places_place p ON p.id = h.id {{tariff_of_row}}
ORDER BY p.sort_key, p.id
