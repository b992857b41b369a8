create table users (
  email text primary key,
  name text not null,
  city text,
  signed_up date not null
);
