-- Haversine, metres; a locked position counts from the middle of its grid square.
CASE WHEN p.latitude IS NOT NULL THEN 2 * %(earth_m)s::float8 * asin(sqrt(least(1.0,
  power(sin(radians({{lat}} - %(latitude)s::float8) / 2), 2) + cos(radians(%(latitude)s::float8))
  * cos(radians({{lat}})) * power(sin(radians({{lon}} - %(longitude)s::float8) / 2), 2)))) END
