"""How a file of places becomes places: reading every row first, then writing them in an order that can stand."""
