-- +goose Up
-- +goose StatementBegin

-- Statistics that nobody can be found in: coded facts, the plan, one noisy cube for each closed period, and a ledger of the privacy it spent.
--
-- binhan_app        puts and drops the fact of a case through two functions, and sees nothing here.
-- binhan_releaser   reads facts, freezes them into a cube (the function freeze_facts), stores measurements and cells. It sees no case.
-- binhan_statistics reads published cells through three views, and nothing else.
--
-- A fact is found by fact_ref, an HMAC of the case's id under a key that the database does not have: no row here leads to a case.

set role binhan_owner;

create schema stats;
grant usage on schema stats to binhan_app, binhan_releaser, binhan_statistics, binhan_keeper;

-- ------------------------------------------------------------------ facts

-- Half of each page stays free, and no index holds cube_id: freezing a year then rewrites rows in place and touches no index.
create table stats.facts (
  fact_ref bytea primary key,
  scope text not null,
  received_on date not null,
  month text not null generated always as (
    lpad(extract(year from received_on)::integer::text, 4, '0') || '-' || lpad(extract(month from received_on)::integer::text, 2, '0')) stored,
  area text not null,
  commune text not null,
  form text not null,
  forms text[] not null,
  sex text not null,
  age text not null,
  relation text not null,
  sex_perp text not null,
  ethnic text not null,
  cube_id uuid,
  constraint fact_ref_is_an_hmac check (length(fact_ref) = 32),
  constraint fact_holds_codes_only check (
    greatest(length(scope), length(area), length(commune), length(form), length(sex), length(age), length(relation), length(sex_perp), length(ethnic)) <= 64
    and least(length(scope), length(area), length(commune), length(form), length(sex), length(age), length(relation), length(sex_perp), length(ethnic)) >= 1
    and cardinality(forms) <= 16)
) with (fillfactor = 45);
create index facts_by_day on stats.facts using brin (received_on);

-- ------------------------------------------------------------------ plans and cubes

create table stats.release_plans (
  id uuid primary key,
  version text not null,
  spec text not null,
  sha256 bytea not null constraint plan_is_kept_once unique,
  approved_by_1 uuid not null references auth.users (id),
  approved_by_2 uuid references auth.users (id),
  created_at timestamptz not null default now(),
  constraint plan_hash_is_of_its_text check (sha256 = sha256(convert_to(spec, 'UTF8'))),
  constraint plan_is_approved_by_two check (approved_by_1 <> approved_by_2)
);

create table stats.cubes (
  id uuid primary key,
  plan_id uuid not null references stats.release_plans (id),
  scope text not null,
  kind text not null,
  period_from date not null,
  period_to date not null,
  state text not null default 'PREPARING',
  attempt integer not null default 1,
  definition text not null,
  code_lists text not null,
  size_from text not null,
  prepared_by uuid not null references auth.users (id),
  prepared_role text not null,
  reserved_at timestamptz not null default now(),
  closed_at timestamptz,
  sha256 bytea,
  published_by uuid references auth.users (id),
  published_role text,
  published_at timestamptz,
  supersedes uuid references stats.cubes (id),
  constraint cube_is_made_once unique (scope, period_from, period_to, kind),
  constraint cube_kind_is_known check (kind in ('YEAR', 'LATE', 'CORRECTION')),
  constraint cube_state_is_known check (state in ('PREPARING', 'PREPARED', 'PUBLISHED', 'SUPERSEDED', 'FAILED')),
  constraint cube_ends_after_it_begins check (period_to >= period_from),
  constraint cube_covers_whole_months check (extract(day from period_from) = 1 and extract(day from period_to + 1) = 1),
  constraint cube_is_closed_before_it_is_prepared check ((state in ('PREPARED', 'PUBLISHED', 'SUPERSEDED')) = (closed_at is not null and sha256 is not null)),
  constraint cube_is_published_by_somebody check ((state in ('PUBLISHED', 'SUPERSEDED')) = (published_by is not null and published_at is not null)),
  constraint publisher_is_not_the_preparer check (published_by <> prepared_by),
  constraint correction_names_what_it_corrects check ((kind = 'CORRECTION') = (supersedes is not null)),
  constraint cube_attempts_count_up check (attempt between 1 and 9)
);

-- The ledger of privacy. Rows are added and never changed; a sum above the cap is refused by the database itself.
--   RESERVED  spends the budget of one table, committed before any fact is read
--   RESUMED   the operator states that an interrupted draw was neither stored nor shown; spends nothing more
--   DONE      the draw is stored
create table stats.privacy_ledger (
  id bigint generated always as identity primary key,
  cube_id uuid not null references stats.cubes (id),
  table_id text not null,
  rho_num bigint not null,
  rho_den bigint not null,
  state text not null,
  attempt integer not null default 1,
  reason text,
  by_user uuid not null references auth.users (id),
  at timestamptz not null default clock_timestamp(),
  xact xid8 not null default pg_current_xact_id(),
  constraint ledger_state_is_known check (state in ('RESERVED', 'RESUMED', 'DONE')),
  constraint ledger_spends_something check (rho_num > 0 and rho_den > 0),
  constraint ledger_resumes_for_a_reason check ((state = 'RESUMED') = (reason is not null)),
  constraint ledger_says_a_thing_once unique (cube_id, table_id, state, attempt)
);
create unique index ledger_reserves_once on stats.privacy_ledger (cube_id, table_id) where state = 'RESERVED';
create unique index ledger_draws_once on stats.privacy_ledger (cube_id, table_id) where state = 'DONE';

create table stats.noisy_measurements (
  cube_id uuid not null references stats.cubes (id),
  table_id text not null,
  cell integer not null,
  value bigint not null,
  sigma2_num bigint not null,
  sigma2_den bigint not null,
  constraint measurement_is_drawn_once primary key (cube_id, table_id, cell),
  constraint measurement_has_noise check (sigma2_num > 0 and sigma2_den > 0)
);

create table stats.release_cells (
  cube_id uuid not null references stats.cubes (id),
  table_id text not null,
  position integer not null,
  dims text not null,
  value bigint not null,
  lower bigint not null,
  upper bigint not null,
  shown boolean not null,
  constraint cell_is_printed_once primary key (cube_id, table_id, position),
  constraint cell_has_one_number unique (cube_id, table_id, dims),
  constraint cell_is_a_multiple_of_five check (value >= 0 and value % 5 = 0),
  constraint cell_under_ten_is_withheld check (shown = (value >= 10)),
  constraint cell_lies_in_its_interval check (lower >= 0 and lower <= value and upper >= value),
  constraint withheld_cell_says_nothing check (shown or (lower = 0 and upper >= 9))
);

-- ------------------------------------------------------------------ what never changes

create function stats.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'what a release was made of is never changed' using errcode = 'BA500';
end $$;
create trigger ledger_is_never_changed before update or delete or truncate on stats.privacy_ledger
  for each statement execute function stats.refuse_change();
create trigger measurements_are_never_changed before update or delete or truncate on stats.noisy_measurements
  for each statement execute function stats.refuse_change();
create trigger cells_are_never_changed before update or delete or truncate on stats.release_cells
  for each statement execute function stats.refuse_change();
create trigger cubes_are_never_removed before delete or truncate on stats.cubes
  for each statement execute function stats.refuse_change();
create trigger plans_are_never_removed before delete or truncate on stats.release_plans
  for each statement execute function stats.refuse_change();
create trigger facts_are_never_emptied before truncate on stats.facts
  for each statement execute function stats.refuse_change();

-- A plan gets its second approval, once; nothing else of it changes.
create function stats.check_plan() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    new.approved_by_1 := auth.user_id();
    new.approved_by_2 := null;
    new.created_at := now();
    return new;
  end if;
  if (new.id, new.version, new.spec, new.sha256, new.approved_by_1, new.created_at)
       is distinct from (old.id, old.version, old.spec, old.sha256, old.approved_by_1, old.created_at)
     or old.approved_by_2 is not null then
    raise exception 'a plan is never changed' using errcode = 'BA500';
  end if;
  new.approved_by_2 := auth.user_id();
  return new;
end $$;
create trigger plan_is_approved_not_changed before insert or update on stats.release_plans
  for each row execute function stats.check_plan();

-- A frozen fact stays as it is: it was counted, and may not be counted again. Erasing empties it and leaves it frozen.
create function stats.check_frozen() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE'
     and new.fact_ref = old.fact_ref and new.scope = old.scope and new.cube_id = old.cube_id
     and new.received_on = date_trunc('year', old.received_on)::date and new.forms = '{}'
     and (new.area, new.commune, new.form, new.sex, new.age, new.relation, new.sex_perp, new.ethnic)
         = ('UNK', 'UNK', 'UNK', 'UNK', 'UNK', 'UNKNOWN', 'UNK', 'UNK') then
    return new;
  end if;
  raise exception 'a counted fact is never changed' using errcode = '23514', constraint = 'counted_fact_stays', schema = 'stats', table = 'facts';
end $$;
create trigger counted_fact_stays before update or delete on stats.facts
  for each row when (old.cube_id is not null) execute function stats.check_frozen();

-- ------------------------------------------------------------------ how a cube moves

-- Who prepares and who publishes comes from the session, never from the caller. Periods of a scope follow each other, so that no two cubes of a
-- kind speak of the same days.
create function stats.check_cube() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare who uuid := auth.user_id(); reserved integer; done integer;
begin
  if who is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if tg_op = 'INSERT' then
    perform pg_advisory_xact_lock(hashtextextended(new.scope || ' ' || new.kind, 7104120810));
    if new.kind = 'YEAR' and exists (select 1 from stats.cubes c
                                      where c.scope = new.scope and c.kind = new.kind and c.period_to >= new.period_from
                                        and (c.period_from, c.period_to) <> (new.period_from, new.period_to)) then
      raise exception 'a period begins after the last one ended'
        using errcode = '23514', constraint = 'cube_follows_the_last_one', schema = 'stats', table = 'cubes';
    end if;
    if new.state <> 'PREPARING' or new.attempt <> 1 then
      raise exception 'a cube begins by being prepared' using errcode = 'BA500';
    end if;
    new.prepared_by := who;
    new.reserved_at := now();
    return new;
  end if;
  if (new.id, new.plan_id, new.scope, new.kind, new.period_from, new.period_to, new.definition, new.code_lists, new.size_from, new.prepared_by,
      new.prepared_role, new.reserved_at, new.supersedes)
       is distinct from (old.id, old.plan_id, old.scope, old.kind, old.period_from, old.period_to, old.definition, old.code_lists, old.size_from,
      old.prepared_by, old.prepared_role, old.reserved_at, old.supersedes)
     or old.closed_at is not null and (new.closed_at, new.sha256, new.attempt) is distinct from (old.closed_at, old.sha256, old.attempt)
     or old.published_by is not null and (new.published_by, new.published_role, new.published_at)
       is distinct from (old.published_by, old.published_role, old.published_at) then
    raise exception 'what a cube is does not change' using errcode = 'BA500';
  end if;
  case old.state || ' ' || new.state
    when 'PREPARING PREPARED' then
      select count(*) filter (where l.state = 'RESERVED'), count(*) filter (where l.state = 'DONE') into reserved, done
        from stats.privacy_ledger l where l.cube_id = new.id;
      if reserved = 0 or done <> reserved or new.attempt <> old.attempt then
        raise exception 'a cube is prepared when every reserved table is drawn'
          using errcode = '23514', constraint = 'prepared_cube_is_whole', schema = 'stats', table = 'cubes';
      end if;
    when 'PREPARING FAILED' then null;
    when 'PREPARING PREPARING', 'FAILED PREPARING' then
      if new.attempt <> old.attempt + 1
         or exists (select 1 from stats.noisy_measurements m where m.cube_id = new.id)
         or exists (select 1 from stats.facts f where f.cube_id = new.id) then
        raise exception 'a stored draw is never drawn again'
          using errcode = '23514', constraint = 'cube_is_drawn_once', schema = 'stats', table = 'cubes';
      end if;
    when 'PREPARED PUBLISHED' then
      new.published_by := who;
      new.published_at := now();
    when 'PUBLISHED SUPERSEDED' then null;
    else
      raise exception 'a cube does not move like this'
        using errcode = '23514', constraint = 'cube_moves_forward', schema = 'stats', table = 'cubes';
  end case;
  return new;
end $$;
create trigger cube_moves before insert or update on stats.cubes for each row execute function stats.check_cube();

-- The cap, in exact fractions: 7/20 for the cube of a year, 1/10 for late facts, 1/20 for the one correction; 1/2 for the life of a case.
create function stats.check_ledger() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare c record; l record; num numeric := 0; den numeric := 1; g numeric; cap_num numeric; cap_den numeric;
begin
  new.by_user := auth.user_id();
  new.at := clock_timestamp();
  new.xact := pg_current_xact_id();
  select x.kind, x.state, x.attempt, x.supersedes into c from stats.cubes x where x.id = new.cube_id for update;
  if c.state is distinct from 'PREPARING' then
    raise exception 'the ledger of a finished cube is closed'
      using errcode = '23514', constraint = 'ledger_is_open_while_preparing', schema = 'stats', table = 'privacy_ledger';
  end if;
  if new.state = 'RESERVED' then
    if exists (select 1 from stats.privacy_ledger x where x.cube_id = new.cube_id and x.state <> 'RESERVED') then
      raise exception 'a reserve comes before the draw'
        using errcode = '23514', constraint = 'ledger_reserves_first', schema = 'stats', table = 'privacy_ledger';
    end if;
    case c.kind
      when 'YEAR' then cap_num := 7; cap_den := 20;
      when 'LATE' then cap_num := 1; cap_den := 10;
      else cap_num := 1; cap_den := 20;
    end case;
    for l in select x.rho_num, x.rho_den from stats.privacy_ledger x
              where x.state = 'RESERVED'
                and (x.cube_id = new.cube_id
                     or c.kind = 'CORRECTION' and x.cube_id in (select o.id from stats.cubes o where o.supersedes = c.supersedes))
             union all select new.rho_num, new.rho_den loop
      num := num * l.rho_den + den * l.rho_num;
      den := den * l.rho_den;
      g := gcd(num, den);
      num := div(num, g);
      den := div(den, g);
    end loop;
    if num * cap_den > cap_num * den then
      raise exception 'the privacy budget is spent'
        using errcode = '23514', constraint = 'ledger_stays_below_the_cap', schema = 'stats', table = 'privacy_ledger';
    end if;
  elsif not exists (select 1 from stats.privacy_ledger x
                     where x.cube_id = new.cube_id and x.table_id = new.table_id and x.state = 'RESERVED'
                       and (x.rho_num, x.rho_den) = (new.rho_num, new.rho_den))
        or new.attempt <> c.attempt then
    raise exception 'nothing is drawn that was not reserved'
      using errcode = '23514', constraint = 'ledger_draws_what_it_reserved', schema = 'stats', table = 'privacy_ledger';
  end if;
  return new;
end $$;
create trigger ledger_stays_below_the_cap before insert on stats.privacy_ledger for each row execute function stats.check_ledger();

-- Measurements and cells enter while their cube is being prepared, with exactly the noise that was reserved.
create function stats.check_measurements() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select 1
               from (select distinct a.cube_id, a.table_id, a.sigma2_num, a.sigma2_den from added a) m
               left join stats.cubes c on c.id = m.cube_id
               left join stats.privacy_ledger l on l.cube_id = m.cube_id and l.table_id = m.table_id and l.state = 'RESERVED'
              where c.state is distinct from 'PREPARING'
                 or l.id is null
                 or 2 * l.rho_num::numeric * m.sigma2_num <> l.rho_den::numeric * m.sigma2_den) then
    raise exception 'a measurement without its reserve'
      using errcode = '23514', constraint = 'measurement_was_reserved', schema = 'stats', table = 'noisy_measurements';
  end if;
  return null;
end $$;
create trigger measurement_was_reserved after insert on stats.noisy_measurements
  referencing new table as added for each statement execute function stats.check_measurements();

create function stats.check_cells() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select 1 from (select distinct a.cube_id from added a) m left join stats.cubes c on c.id = m.cube_id
              where c.state is distinct from 'PREPARING') then
    raise exception 'cells enter while their cube is prepared'
      using errcode = '23514', constraint = 'cell_enters_while_preparing', schema = 'stats', table = 'release_cells';
  end if;
  return null;
end $$;
create trigger cell_enters_while_preparing after insert on stats.release_cells
  referencing new table as added for each statement execute function stats.check_cells();

-- ------------------------------------------------------------------ the two doors of casework

grant select, insert, update, delete on stats.facts to binhan_keeper;
grant select, update (attempt) on stats.cubes to binhan_keeper;
grant select on stats.privacy_ledger to binhan_keeper;
grant create on schema stats to binhan_keeper;
set role binhan_keeper;

-- The fact of a case, replaced by each correction until its period closes; afterwards nothing happens, so that nobody is counted twice.
create function stats.put_fact(ref bytea, scope text, received_on date, area text, commune text, form text, forms text[], sex text, age text,
                               relation text, sex_perp text, ethnic text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if not exists (select 1 from auth.sessions s join auth.memberships m on m.id = s.membership_id
                  where s.handle_hash = sha256(convert_to(current_setting('app.sid'), 'UTF8'))
                    and m.role in ('INTAKE', 'COUNSELLOR', 'CASE_MANAGER', 'WU_FOCAL', 'HOTLINE_OPERATOR', 'COMMUNE_OFFICER')) then
    raise exception 'not hers to count' using errcode = 'BA403';
  end if;
  insert into stats.facts as f (fact_ref, scope, received_on, area, commune, form, forms, sex, age, relation, sex_perp, ethnic)
  values (put_fact.ref, put_fact.scope, put_fact.received_on, coalesce(nullif(put_fact.area, ''), 'UNK'), coalesce(nullif(put_fact.commune, ''), 'UNK'),
          coalesce(nullif(put_fact.form, ''), 'UNK'), coalesce(put_fact.forms, '{}'), coalesce(nullif(put_fact.sex, ''), 'UNK'),
          coalesce(nullif(put_fact.age, ''), 'UNK'), coalesce(nullif(put_fact.relation, ''), 'UNKNOWN'), coalesce(nullif(put_fact.sex_perp, ''), 'UNK'),
          coalesce(nullif(put_fact.ethnic, ''), 'UNK'))
  on conflict (fact_ref) do update
    set scope = excluded.scope, received_on = excluded.received_on, area = excluded.area, commune = excluded.commune, form = excluded.form,
        forms = excluded.forms, sex = excluded.sex, age = excluded.age, relation = excluded.relation, sex_perp = excluded.sex_perp, ethnic = excluded.ethnic
    where f.cube_id is null;
end $$;

-- The fact of a case that is erased or does not count. One that was counted is emptied and stays frozen: the same case may not come back.
create function stats.drop_fact(ref bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  delete from stats.facts f where f.fact_ref = drop_fact.ref and f.cube_id is null;
  update stats.facts f
     set received_on = date_trunc('year', f.received_on)::date, area = 'UNK', commune = 'UNK', form = 'UNK', forms = '{}', sex = 'UNK', age = 'UNK',
         relation = 'UNKNOWN', sex_perp = 'UNK', ethnic = 'UNK'
   where f.fact_ref = drop_fact.ref and f.cube_id is not null;
end $$;

-- Closes a period: each fact of the scope up to its last day that no cube has counted gets this cube, once and for ever. It is the only way in.
create function stats.freeze_facts(cube uuid, for_attempt integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c record; n bigint;
begin
  select x.scope, x.period_to, x.state, x.attempt, x.kind into c from stats.cubes x where x.id = freeze_facts.cube for update;
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if c.state is distinct from 'PREPARING' or c.attempt <> freeze_facts.for_attempt or c.kind <> 'YEAR'
     or not exists (select 1 from stats.privacy_ledger l where l.cube_id = freeze_facts.cube and l.state = 'RESERVED')
     or exists (select 1 from stats.privacy_ledger l where l.cube_id = freeze_facts.cube and l.xact = pg_current_xact_id()) then
    raise exception 'facts are read after their budget is reserved and committed'
      using errcode = '23514', constraint = 'facts_are_read_after_the_reserve', schema = 'stats', table = 'facts';
  end if;
  update stats.facts f set cube_id = freeze_facts.cube where f.cube_id is null and f.scope = c.scope and f.received_on <= c.period_to;
  get diagnostics n = row_count;
  return n;
end $$;

revoke execute on all functions in schema stats from public;
grant execute on function stats.freeze_facts(uuid, integer) to binhan_releaser;
grant execute on function stats.put_fact(bytea, text, date, text, text, text, text[], text, text, text, text, text), stats.drop_fact(bytea) to binhan_app;
grant execute on function auth.user_id() to binhan_releaser;

reset role;
set role binhan_owner;
revoke create on schema stats from binhan_keeper;
revoke execute on all functions in schema stats from public;

-- ------------------------------------------------------------------ what the statistician sees

create view stats.published_releases with (security_barrier = true) as
  select c.id, c.scope, c.kind, c.period_from, c.period_to, c.state, c.definition, c.code_lists, c.size_from, c.closed_at, encode(c.sha256, 'hex') as sha256,
         c.prepared_role, c.published_role, c.published_at, c.supersedes, p.version as plan_version, p.spec as plan
    from stats.cubes c
    join stats.release_plans p on p.id = c.plan_id
   where c.state in ('PUBLISHED', 'SUPERSEDED');

create view stats.published_cells with (security_barrier = true) as
  select r.cube_id as release_id, r.table_id, r.position, r.dims, case when r.shown then r.value end as count, r.lower, r.upper
    from stats.release_cells r
    join stats.cubes c on c.id = r.cube_id
   where c.state in ('PUBLISHED', 'SUPERSEDED');

grant select on stats.published_releases, stats.published_cells to binhan_statistics;

-- ------------------------------------------------------------------ what the release job may do

grant select on stats.facts to binhan_releaser;
grant select, insert, update (approved_by_2) on stats.release_plans to binhan_releaser;
grant select, insert, update (state, attempt, closed_at, sha256, published_by, published_role, published_at) on stats.cubes to binhan_releaser;
grant select, insert on stats.privacy_ledger, stats.noisy_measurements, stats.release_cells to binhan_releaser;

comment on column stats.facts.fact_ref is 'operational: HMAC of the case id under a key of the key ring; leads nowhere without it';
comment on column stats.facts.scope is 'operational: province or imported register that counts it';
comment on column stats.facts.received_on is 'personal: day of the first contact';
comment on column stats.facts.month is 'personal: its month';
comment on column stats.facts.area is 'personal: statistical area, former district, else province';
comment on column stats.facts.commune is 'personal: commune code';
comment on column stats.facts.form is 'personal: main form, list violence_form';
comment on column stats.facts.forms is 'personal: all forms, list violence_form';
comment on column stats.facts.sex is 'personal: list sex';
comment on column stats.facts.age is 'personal: list age_band';
comment on column stats.facts.relation is 'personal: list relationship_group';
comment on column stats.facts.sex_perp is 'personal: list sex';
comment on column stats.facts.ethnic is 'personal: list ethnicity_report_group';
comment on column stats.facts.cube_id is 'operational: the one cube that counted it, empty while it is open';
comment on column stats.release_plans.id is 'public: random id';
comment on column stats.release_plans.version is 'public: its name';
comment on column stats.release_plans.spec is 'public: the plan, JSON';
comment on column stats.release_plans.sha256 is 'public: of the plan';
comment on column stats.release_plans.approved_by_1 is 'operational: who prepared by it first';
comment on column stats.release_plans.approved_by_2 is 'operational: the second person, who published by it first';
comment on column stats.release_plans.created_at is 'operational: when';
comment on column stats.cubes.id is 'public: random id, the release_id';
comment on column stats.cubes.plan_id is 'public: the plan';
comment on column stats.cubes.scope is 'public: province or imported register';
comment on column stats.cubes.kind is 'public: YEAR, LATE or CORRECTION';
comment on column stats.cubes.period_from is 'public: first day';
comment on column stats.cubes.period_to is 'public: last day';
comment on column stats.cubes.state is 'public: PREPARING, PREPARED, PUBLISHED, SUPERSEDED or FAILED';
comment on column stats.cubes.attempt is 'operational: which attempt to draw it; an older one may not store any more';
comment on column stats.cubes.definition is 'public: version of the rules by which a case becomes a fact';
comment on column stats.cubes.code_lists is 'public: version of the code lists';
comment on column stats.cubes.size_from is 'public: what the size class was taken from';
comment on column stats.cubes.prepared_by is 'operational: who';
comment on column stats.cubes.prepared_role is 'public: in which role';
comment on column stats.cubes.reserved_at is 'operational: budget reserved';
comment on column stats.cubes.closed_at is 'public: cut-off; what was recorded later is in the next cube';
comment on column stats.cubes.sha256 is 'public: of all tables as published';
comment on column stats.cubes.published_by is 'operational: who';
comment on column stats.cubes.published_role is 'public: in which role';
comment on column stats.cubes.published_at is 'public: when';
comment on column stats.cubes.supersedes is 'public: the release that it corrects';
comment on column stats.privacy_ledger.id is 'operational: number';
comment on column stats.privacy_ledger.cube_id is 'public: the cube';
comment on column stats.privacy_ledger.table_id is 'public: the table';
comment on column stats.privacy_ledger.rho_num is 'public: budget spent, numerator';
comment on column stats.privacy_ledger.rho_den is 'public: budget spent, denominator';
comment on column stats.privacy_ledger.state is 'operational: RESERVED, RESUMED or DONE';
comment on column stats.privacy_ledger.attempt is 'operational: of which attempt';
comment on column stats.privacy_ledger.reason is 'operational: coded reason of a resumption';
comment on column stats.privacy_ledger.by_user is 'operational: who';
comment on column stats.privacy_ledger.at is 'operational: when';
comment on column stats.privacy_ledger.xact is 'operational: transaction, so that no fact is read before the reserve is committed';
comment on column stats.noisy_measurements.cube_id is 'public: the cube';
comment on column stats.noisy_measurements.table_id is 'public: the table';
comment on column stats.noisy_measurements.cell is 'public: number of the cell in the domain';
comment on column stats.noisy_measurements.value is 'operational: count with noise; safe to know, kept for checks and approved research';
comment on column stats.noisy_measurements.sigma2_num is 'public: variance of the noise, numerator';
comment on column stats.noisy_measurements.sigma2_den is 'public: variance of the noise, denominator';
comment on column stats.release_cells.cube_id is 'public: the cube';
comment on column stats.release_cells.table_id is 'public: the table';
comment on column stats.release_cells.position is 'public: order of printing';
comment on column stats.release_cells.dims is 'public: which cell';
comment on column stats.release_cells.value is 'public: protected number, a multiple of five';
comment on column stats.release_cells.lower is 'public: lower end of the interval';
comment on column stats.release_cells.upper is 'public: upper end of the interval';
comment on column stats.release_cells.shown is 'public: false: printed as under 10';

reset role;
-- +goose StatementEnd
