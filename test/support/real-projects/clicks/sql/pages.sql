create table pages (id int primary key, title text not null);
insert into pages select n, 'page ' || n from generate_series(1, 5) as n;
create table clicks (
  click_id bigint primary key,
  page_title text not null,
  clicked_at timestamptz not null default now()
);
