"""What happens to an order between the topics orders.raw and orders.clean."""

from decimal import Decimal


def clean(record, ctx=None):
    """One record in; a dict goes on, None is left out, a list of dicts becomes several records."""
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
    """Money is counted in whole cents: sums of floats drift."""
    return int(Decimal(item["price"]) * 100) * item["quantity"]
