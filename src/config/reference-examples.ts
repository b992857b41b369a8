/**
 * Examples of the reference page by the dotted path of their section. Each is a whole pipeline.yaml: a
 * test checks that it is valid.
 */
export const examples: Readonly<Record<string, string>> = {
  zookeeper: `
zookeeper: { nodes: 3 }
kafka: { brokers: 3 }`,
  kafka: `
kafka:
  brokers: 3
  port: 19092
  config:
    log.retention.ms: 7d`,
  airflow: `
airflow:
  port: 8081
  dags: dags
  requirements: [pandas, "kafka-python>=3"]
  environment:
    AIRFLOW__CORE__DEFAULT_TIMEZONE: Europe/Berlin`,
  "airflow.connections": `
airflow:
  dags: dags
  variables: { region: eu }
  connections:
    shop_api: "http://shop-api:8080"
    crm:
      conn_type: postgres
      host: crm.example
      login: reader
      password: "\${CRM_PASSWORD:-dp}"`,
  python: `
python: { requirements: [humanize, "polars>=1.30"] }
pipelines:
  report:
    steps:
      print: { run: python report.py }`,
  stores: `
stores:
  warehouse: { type: postgres, init: sql/tables.sql }
  cache: { type: redis }
  lake: { type: s3, buckets: [raw, clean] }
  mart: { type: duckdb }`,
  services: `
kafka:
services:
  shop-api:
    build: services/shop-api
    ports: ["8085:8080"]
    environment:
      BOOTSTRAP: "{{ kafka.bootstrap }}"
    depends_on: [kafka]
    ready: { http: { port: 8080, path: /health } }`,
  "services.NAME.healthcheck": `
services:
  shop-api:
    build: services/shop-api
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8080/health"]
      interval: 5s`,
  "services.NAME.depends_on": `
stores:
  warehouse: { type: postgres }
services:
  migrate:
    build: services/migrate
    restart: "no"
    depends_on:
      warehouse: { condition: service_healthy }
  api:
    build: services/api
    depends_on:
      migrate: { condition: service_completed_successfully }`,
  topics: `
kafka:
topics:
  orders:
    partitions: 3
    config:
      retention.ms: 7d
  customers:
    config:
      cleanup.policy: compact
    seed: { file: data/customers.jsonl, format: records }
  returns:`,
  pipelines: `
airflow:
stores:
  warehouse: { type: postgres }
pipelines:
  report:
    description: Daily figures
    schedule: "30 6 * * mon-fri"
    timezone: Europe/Berlin
    retries: 2
    params: { country: DE }
    steps:
      collect: { run: "python collect.py --country {{ params.country }}" }
      sum: { run: { store: warehouse, sql: sql/sum.sql } }`,
  "pipelines.NAME.steps": `
kafka:
stores:
  warehouse: { type: postgres }
topics: [orders.raw, orders.clean, orders.bad]
pipelines:
  orders:
    steps:
      clean:
        from: topic:orders.raw
        transform: pipelines/orders.py:clean
        to: topic:orders.clean
        on_bad_record: topic:orders.bad
      load:
        from: topic:orders.clean
        to: { store: warehouse, table: orders, unique_key: id }`,
  "pipelines.NAME.steps.NAME.run": `
stores:
  warehouse: { type: postgres }
services:
  dbt: { build: dbt, scale: 0, volumes: ["./dbt:/dbt"] }
pipelines:
  models:
    params: { target: dev }
    steps:
      build: { run: { service: dbt, command: "dbt build --target {{ params.target }}" } }
      export:
        run:
          image: postgres:17
          command: [psql, "{{ warehouse.url }}", --csv, --file=/sql/report.sql]
          volumes: ["./sql:/sql:ro"]`,
  images: `
kafka:
images:
  prefix: mirror.example/hub
  pull: never`,
};
