/**
 * Generates the orders of one day, the same orders for the same seed:
 *
 *     node generate-orders.mjs [seed] [count] > data/orders.jsonl
 *
 * Each line is a record. The key is the customer, so that the orders of a customer are in one
 * partition. The value is the order as a JSON string.
 */
const [seed = "42", count = "1000"] = process.argv.slice(2);
const random = randomFrom(Number(seed));

const catalogue = [
  { sku: "tea-assam-250", price: 8.9 },
  { sku: "tea-sencha-100", price: 11.5 },
  { sku: "tea-rooibos-200", price: 6.4 },
  { sku: "pot-glass-1l", price: 34 },
  { sku: "pot-iron-600ml", price: 59.9 },
  { sku: "cup-stoneware", price: 14.5 },
  { sku: "infuser-steel", price: 9.8 },
  { sku: "kettle-gooseneck", price: 79 },
  { sku: "honey-linden-500", price: 12.2 },
  { sku: "gift-box", price: 4.5 },
];
const currencies = ["EUR", "EUR", "EUR", "GBP", "USD"];
const statuses = ["paid", "paid", "paid", "paid", "shipped", "shipped", "pending", "cancelled"];
const firstId = 1001;
const dayStart = Date.UTC(2026, 10, 20);
const dayMs = 24 * 60 * 60 * 1000;

const total = Number(count);
const lines = [];
for (let index = 0; index < total; index++) {
  const customer = `c-${String(1 + below(120)).padStart(3, "0")}`;
  const items = Array.from({ length: 1 + below(3) }, () => {
    const { sku, price } = pick(catalogue);
    return { sku, qty: 1 + below(4), price };
  });
  const cents = items.reduce((sum, item) => sum + item.qty * Math.round(item.price * 100), 0);
  // One order at a random time in each equal part of the day, so that all times differ and are sorted.
  const createdAt = dayStart + Math.floor(((index + random()) * dayMs) / total);
  const order = {
    id: `o-${firstId + index}`,
    customer,
    items,
    amount: cents / 100,
    currency: currencies[Number(customer.slice(2)) % currencies.length],
    status: pick(statuses),
    created_at: new Date(createdAt).toISOString(),
  };
  lines.push(`${JSON.stringify({ key: customer, value: JSON.stringify(order) })}\n`);
}
process.stdout.write(lines.join(""));

function pick(list) {
  return list[below(list.length)];
}

/** Returns an integer from 0 up to, but not including, the limit. */
function below(limit) {
  return Math.floor(random() * limit);
}

/** Returns a function that generates numbers from 0 to 1 from a seed (mulberry32). */
function randomFrom(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
