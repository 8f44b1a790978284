found AS MATERIALIZED (
  SELECT p.id, p.sort_key, p.people_max, {{rank}} AS rank, {{distance}} AS distance_m, {{price}} AS price_fen
  FROM places_place p {{tariff}}
  WHERE {{conditions}}
), page AS (
  SELECT id, distance_m, row_number() OVER () AS at
  FROM (SELECT id, distance_m FROM found ORDER BY {{order}} LIMIT %(size)s OFFSET %(skip)s) top
),
