"""The transform between the topics orders.raw and orders.clean."""

from decimal import Decimal


def clean(record, ctx=None):
    """Gets one record. Returns a dict, a list of dicts, or None to drop the record."""
    if record["status"] == "cancelled":
        return None
    return {
        "id": record["id"],
        "placed_at": record["placed_at"],
        "customer": record["customer"].replace(" ", "").lower(),
        "status": record["status"],
        "articles": sum(item["quantity"] for item in record["items"]),
        "total_cents": sum(cents(item) for item in record["items"]),
    }


def cents(item):
    """Returns an amount in cents, because sums of floats are not exact."""
    return int(Decimal(item["price"]) * 100) * item["quantity"]
