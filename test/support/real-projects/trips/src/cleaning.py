import pandas as pd


def clean(trips: pd.DataFrame, minimum_minutes: float) -> pd.DataFrame:
    trips = trips.dropna(subset=["minutes"])
    trips = trips[trips["minutes"] >= minimum_minutes].copy()
    trips["fare"] = trips["fare"].astype("float64")
    return trips
