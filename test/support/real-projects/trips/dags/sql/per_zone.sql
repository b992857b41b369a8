drop table if exists per_zone;
create table per_zone as
select z.name, count(*) as trips, sum(t.fare)::numeric(10, 2) as fares
from trips t join zones z using (zone)
group by z.name;
