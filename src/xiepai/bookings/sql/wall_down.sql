DROP TRIGGER place_capacity_guard ON places_place;
DROP TRIGGER cover_delete_followed ON places_cover;
DROP TRIGGER cover_insert_followed ON places_cover;
DROP TRIGGER blocking_occupies ON places_blocking;
DROP TRIGGER booking_update_occupies ON bookings_booking;
DROP TRIGGER booking_insert_occupies ON bookings_booking;
DROP TRIGGER occupancy_counted_guard ON bookings_occupancy;
DROP FUNCTION bookings_guard_capacity, bookings_follow_cover, bookings_follow_blocking, bookings_sync,
  bookings_occupy, bookings_guard_counted, bookings_peak_units, bookings_lane, bookings_occupies;
DROP INDEX occupancy_counted;
