-- +goose Up
-- +goose StatementBegin

-- What readers of published numbers see beyond the cells as printed.
--
-- published_numbers  the protected number of each published cell, also of those that are printed as "under 10". It is a function of noisy measurements, like
--                    everything printed; sums over merged rows and recoded areas are made of it, so that they are sums of published cells and of nothing else.
-- open_releases,     the same for releases whose plan says "public": its preparer proposed that and its publisher approved it with the plan. They are read
-- open_numbers       without a session: whatever is not open does not exist in them.

set role binhan_owner;

create view stats.published_numbers with (security_barrier = true) as
  select r.cube_id as release_id, r.table_id, r.position, r.dims, r.value, r.lower, r.upper, r.shown
    from stats.release_cells r
    join stats.cubes c on c.id = r.cube_id
   where c.state in ('PUBLISHED', 'SUPERSEDED');

create view stats.open_releases with (security_barrier = true) as
  select r.*
    from stats.published_releases r
   where coalesce((r.plan::jsonb ->> 'public')::boolean, false);

create view stats.open_numbers with (security_barrier = true) as
  select n.*
    from stats.published_numbers n
    join stats.open_releases r on r.id = n.release_id;

grant select on stats.published_numbers, stats.open_releases, stats.open_numbers to binhan_statistics;

reset role;
-- +goose StatementEnd
