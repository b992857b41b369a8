"""Generates the orders of one day, the same orders for the same seed."""

import json
from datetime import datetime, timedelta
from random import Random

COUNT = 200
CATALOGUE = {"tea": "4.90", "coffee": "7.25", "cup": "11.00", "pot": "34.50", "spoon": "0.95"}
CUSTOMERS = ["ada", "ben", "chen", "dara", "elif", "femi", "gita", "hugo"]


def make_orders(seed: int = 42, count: int = COUNT) -> list[dict]:
    """Returns orders as a shop stores them: prices as strings, addresses as people type them."""
    random = Random(seed)
    placed = datetime(2026, 1, 1, 8, 0)
    orders = []
    for number in range(1, count + 1):
        placed += timedelta(seconds=random.randint(10, 300))
        orders.append(make_order(random, number, placed))
    return orders


def make_order(random: Random, number: int, placed: datetime) -> dict:
    customer = random.choice(CUSTOMERS)
    wanted = random.sample(sorted(CATALOGUE), random.randint(1, 3))
    return {
        "id": f"o-{number:04}",
        "placed_at": f"{placed.isoformat()}Z",
        "customer": random.choice([customer, customer.title(), f" {customer.upper()} "])
        + "@example.com",
        "status": random.choices(["paid", "shipped", "cancelled"], weights=[6, 3, 1])[0],
        "items": [
            {"article": article, "quantity": random.randint(1, 4), "price": CATALOGUE[article]}
            for article in wanted
        ],
    }


if __name__ == "__main__":
    print(json.dumps(make_orders(), indent=1))
