-- +goose Up
-- +goose StatementBegin

-- Releases in full: plans that two people approve before use, cubes of quarters, of what is known at the end of a referral, and of corrections; a person counted once a
-- year across agencies.
--
-- A case enters at most one cube of each kind, and the kinds' budgets add up to 1/2 for its life: 7/20 for its year (1/4 where its quarter had 1/10), 1/10 for late
-- facts, 1/20 for one correction. The database adds up, as in 0002.

set role binhan_owner;

-- ------------------------------------------------------------------ plans

create table stats.plan_versions (
  id uuid primary key,
  version text not null constraint plan_version_is_named_once unique,
  kind text not null,
  size text not null,
  spec text not null,
  sha256 bytea not null constraint plan_version_is_kept_once unique,
  proposed_by uuid not null references auth.users (id),
  proposed_at timestamptz not null default now(),
  approved_by uuid references auth.users (id),
  approved_at timestamptz,
  constraint plan_version_hash_is_of_its_text check (sha256 = sha256(convert_to(spec, 'UTF8'))),
  constraint plan_version_kind_is_known check (kind in ('YEAR', 'QUARTER', 'LATE', 'CORRECTION')),
  constraint plan_version_size_is_known check (size in ('small', 'medium', 'large')),
  constraint plan_version_is_approved_by_another check (approved_by <> proposed_by),
  constraint plan_version_approval_has_a_day check ((approved_by is null) = (approved_at is null))
);

-- Who proposes and who approves comes from the session. Only the owner of the database, who seeds the made-up world of development, may write them in.
create function stats.check_plan_version() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare who uuid := auth.user_id();
begin
  if who is null and current_user <> 'binhan_owner' then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if tg_op = 'INSERT' then
    if who is not null then
      new.proposed_by := who;
      new.proposed_at := now();
      new.approved_by := null;
      new.approved_at := null;
    end if;
    return new;
  end if;
  if (new.id, new.version, new.kind, new.size, new.spec, new.sha256, new.proposed_by, new.proposed_at)
       is distinct from (old.id, old.version, old.kind, old.size, old.spec, old.sha256, old.proposed_by, old.proposed_at)
     or old.approved_by is not null then
    raise exception 'a plan is never changed' using errcode = 'BA500';
  end if;
  if who is not null then
    new.approved_by := who;
    new.approved_at := now();
  end if;
  return new;
end $$;
create trigger plan_version_is_approved_not_changed before insert or update on stats.plan_versions
  for each row execute function stats.check_plan_version();
create trigger plan_versions_are_never_removed before delete or truncate on stats.plan_versions
  for each statement execute function stats.refuse_change();

-- ------------------------------------------------------------------ cubes of four kinds

alter table stats.cubes drop constraint cube_kind_is_known;
alter table stats.cubes add constraint cube_kind_is_known check (kind in ('YEAR', 'QUARTER', 'LATE', 'CORRECTION'));
alter table stats.cubes add column quarters boolean not null default false;
alter table stats.cubes add column plan_version uuid references stats.plan_versions (id);
alter table stats.cubes add column unlinked boolean not null default true;
alter table stats.cubes add constraint only_a_year_has_quarters check (quarters <= (kind = 'YEAR'));
alter table stats.cubes add constraint quarter_has_three_months check (kind <> 'QUARTER' or (period_to + 1 = period_from + interval '3 months' and extract(month from period_from) in (1, 4, 7, 10)));

alter table stats.privacy_ledger add column sensitivity2 smallint not null default 1;
alter table stats.privacy_ledger add constraint ledger_pays_for_every_mention check (sensitivity2 between 1 and 8);

create or replace function stats.check_cube() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare who uuid := auth.user_id(); reserved integer; done integer; months numeric;
begin
  if who is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if tg_op = 'INSERT' then
    perform pg_advisory_xact_lock(hashtextextended(new.scope, 7104120810));
    if exists (select 1 from stats.cubes c
                where c.scope = new.scope and c.kind = new.kind and c.period_from = new.period_from and c.period_to = new.period_to) then
      return new; -- made once: the unique constraint answers
    end if;
    if not exists (select 1 from stats.plan_versions v where v.id = new.plan_version and v.kind = new.kind and v.approved_by is not null) then
      raise exception 'a plan is approved by two people before it is used'
        using errcode = '23514', constraint = 'plan_is_approved_before_use', schema = 'stats', table = 'cubes';
    end if;
    if new.kind <> 'CORRECTION' and exists (select 1 from stats.cubes c where c.scope = new.scope and c.kind = new.kind and c.period_to >= new.period_from)
       or new.kind = 'QUARTER' and exists (select 1 from stats.cubes c where c.scope = new.scope and c.kind = 'YEAR' and c.period_to >= new.period_from) then
      raise exception 'a period begins after the last one ended'
        using errcode = '23514', constraint = 'cube_follows_the_last_one', schema = 'stats', table = 'cubes';
    end if;
    if new.kind = 'YEAR' then
      select count(*) * 3 into months from stats.cubes c
       where c.scope = new.scope and c.kind = 'QUARTER' and c.period_to >= new.period_from and c.period_from <= new.period_to
         and c.state in ('PREPARED', 'PUBLISHED');
      new.quarters := exists (select 1 from stats.cubes c
                               where c.scope = new.scope and c.kind = 'QUARTER' and c.period_to >= new.period_from and c.period_from <= new.period_to);
      if new.quarters and months <> extract(year from age(new.period_to + 1, new.period_from)) * 12 + extract(month from age(new.period_to + 1, new.period_from)) then
        raise exception 'a year of quarters is closed after its last quarter'
          using errcode = '23514', constraint = 'year_follows_its_quarters', schema = 'stats', table = 'cubes';
      end if;
    else
      new.quarters := false;
    end if;
    if new.kind = 'CORRECTION' and not exists (select 1 from stats.cubes c
          where c.id = new.supersedes and c.kind = 'YEAR' and c.state = 'PUBLISHED' and c.scope = new.scope
            and (c.period_from, c.period_to) = (new.period_from, new.period_to)) then
      raise exception 'a correction is of a published year'
        using errcode = '23514', constraint = 'correction_is_of_a_published_year', schema = 'stats', table = 'cubes';
    end if;
    if new.state <> 'PREPARING' or new.attempt <> 1 then
      raise exception 'a cube begins by being prepared' using errcode = 'BA500';
    end if;
    new.prepared_by := who;
    new.reserved_at := now();
    return new;
  end if;
  if (new.id, new.plan_id, new.scope, new.kind, new.period_from, new.period_to, new.definition, new.code_lists, new.size_from, new.prepared_by,
      new.prepared_role, new.reserved_at, new.supersedes, new.quarters, new.plan_version)
       is distinct from (old.id, old.plan_id, old.scope, old.kind, old.period_from, old.period_to, old.definition, old.code_lists, old.size_from,
      old.prepared_by, old.prepared_role, old.reserved_at, old.supersedes, old.quarters, old.plan_version)
     or old.closed_at is not null and (new.closed_at, new.sha256, new.attempt, new.unlinked) is distinct from (old.closed_at, old.sha256, old.attempt, old.unlinked)
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
         or exists (select 1 from stats.facts f where f.cube_id = new.id or f.quarter_id = new.id)
         or exists (select 1 from stats.late_facts f where f.cube_id = new.id)
         or exists (select 1 from stats.fact_corrections f where f.cube_id = new.id) then
        raise exception 'a stored draw is never drawn again'
          using errcode = '23514', constraint = 'cube_is_drawn_once', schema = 'stats', table = 'cubes';
      end if;
    when 'PREPARED PUBLISHED' then
      new.published_by := who;
      new.published_at := now();
    when 'PUBLISHED SUPERSEDED' then
      if not exists (select 1 from stats.cubes c where c.supersedes = new.id and c.state = 'PUBLISHED') then
        raise exception 'a release is superseded by a published one'
          using errcode = '23514', constraint = 'cube_is_superseded_by_a_published_one', schema = 'stats', table = 'cubes';
      end if;
    else
      raise exception 'a cube does not move like this'
        using errcode = '23514', constraint = 'cube_moves_forward', schema = 'stats', table = 'cubes';
  end case;
  return new;
end $$;

-- The cap, in exact fractions.
create or replace function stats.check_ledger() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare c record; l record; num numeric := 0; den numeric := 1; g numeric; cap_num numeric; cap_den numeric;
begin
  new.by_user := auth.user_id();
  new.at := clock_timestamp();
  new.xact := pg_current_xact_id();
  select x.kind, x.state, x.attempt, x.supersedes, x.quarters into c from stats.cubes x where x.id = new.cube_id for update;
  if c.state is distinct from 'PREPARING' then
    raise exception 'the ledger of a finished cube is closed'
      using errcode = '23514', constraint = 'ledger_is_open_while_preparing', schema = 'stats', table = 'privacy_ledger';
  end if;
  if new.state = 'RESERVED' then
    if exists (select 1 from stats.privacy_ledger x where x.cube_id = new.cube_id and x.state <> 'RESERVED') then
      raise exception 'a reserve comes before the draw'
        using errcode = '23514', constraint = 'ledger_reserves_first', schema = 'stats', table = 'privacy_ledger';
    end if;
    case
      when c.kind = 'YEAR' and c.quarters then cap_num := 1; cap_den := 4;
      when c.kind = 'YEAR' then cap_num := 7; cap_den := 20;
      when c.kind in ('QUARTER', 'LATE') then cap_num := 1; cap_den := 10;
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
                       and (x.rho_num, x.rho_den, x.sensitivity2) = (new.rho_num, new.rho_den, new.sensitivity2))
        or new.attempt <> c.attempt then
    raise exception 'nothing is drawn that was not reserved'
      using errcode = '23514', constraint = 'ledger_draws_what_it_reserved', schema = 'stats', table = 'privacy_ledger';
  end if;
  return new;
end $$;

-- Exactly the noise that was reserved: sigma squared is the squared sensitivity over twice rho.
create or replace function stats.check_measurements() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select 1
               from (select distinct a.cube_id, a.table_id, a.sigma2_num, a.sigma2_den from added a) m
               left join stats.cubes c on c.id = m.cube_id
               left join stats.privacy_ledger l on l.cube_id = m.cube_id and l.table_id = m.table_id and l.state = 'RESERVED'
              where c.state is distinct from 'PREPARING'
                 or l.id is null
                 or 2 * l.rho_num::numeric * m.sigma2_num <> l.sensitivity2 * l.rho_den::numeric * m.sigma2_den) then
    raise exception 'a measurement without its reserve'
      using errcode = '23514', constraint = 'measurement_was_reserved', schema = 'stats', table = 'noisy_measurements';
  end if;
  return null;
end $$;

-- ------------------------------------------------------------------ facts of quarters, of corrections, of the end of a referral

-- quarter_id: the quarter's cube that counted it. files: 0 for a further file of somebody who is counted by another one; else how many files she has this year.
alter table stats.facts add column quarter_id uuid;
alter table stats.facts add column files smallint not null default 1;
alter table stats.facts add constraint files_are_counted check (files between 0 and 999);

create table stats.late_facts (
  fact_ref bytea primary key,
  scope text not null,
  closed_on date not null,
  form text not null,
  service text not null,
  outcome text not null,
  time_bin text not null,
  again boolean not null default false,
  cube_id uuid,
  constraint late_fact_ref_is_an_hmac check (length(fact_ref) = 32),
  constraint late_fact_holds_codes_only check (greatest(length(scope), length(form), length(service), length(outcome), length(time_bin)) <= 64)
) with (fillfactor = 45);

create table stats.fact_corrections (
  fact_ref bytea primary key,
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
  constraint correction_ref_is_an_hmac check (length(fact_ref) = 32),
  constraint correction_holds_codes_only check (
    greatest(length(area), length(commune), length(form), length(sex), length(age), length(relation), length(sex_perp), length(ethnic)) <= 64
    and cardinality(forms) <= 16)
);

-- A person's files of a year, tied by a token of the key ring under an index of its own. Nobody reads it but the two functions below.
create table stats.links (
  fact_ref bytea primary key,
  token bytea not null,
  constraint link_ref_is_an_hmac check (length(fact_ref) = 32),
  constraint link_token_is_a_mark check (length(token) = 16)
);
create index links_by_token on stats.links (token);

create or replace function stats.check_frozen() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and new.fact_ref = old.fact_ref and new.scope = old.scope then
    -- Counted by its quarter, now by its year.
    if old.cube_id is null and new.quarter_id = old.quarter_id
       and (new.received_on, new.area, new.commune, new.form, new.forms, new.sex, new.age, new.relation, new.sex_perp, new.ethnic, new.files)
         = (old.received_on, old.area, old.commune, old.form, old.forms, old.sex, old.age, old.relation, old.sex_perp, old.ethnic, old.files) then
      return new;
    end if;
    if new.cube_id is not distinct from old.cube_id and new.quarter_id is not distinct from old.quarter_id and new.files = old.files
       and new.received_on = date_trunc('year', old.received_on)::date and new.forms = '{}'
       and (new.area, new.commune, new.form, new.sex, new.age, new.relation, new.sex_perp, new.ethnic)
           = ('UNK', 'UNK', 'UNK', 'UNK', 'UNK', 'UNKNOWN', 'UNK', 'UNK') then
      return new;
    end if;
  end if;
  raise exception 'a counted fact is never changed' using errcode = '23514', constraint = 'counted_fact_stays', schema = 'stats', table = 'facts';
end $$;
drop trigger counted_fact_stays on stats.facts;
create trigger counted_fact_stays before update or delete on stats.facts
  for each row when (old.cube_id is not null or old.quarter_id is not null) execute function stats.check_frozen();

create function stats.check_frozen_late() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and (new.fact_ref, new.scope, new.cube_id, new.again) = (old.fact_ref, old.scope, old.cube_id, old.again)
     and new.closed_on = date_trunc('year', old.closed_on)::date and (new.form, new.service, new.outcome, new.time_bin) = ('UNK', 'UNK', 'UNK', 'UNK') then
    return new;
  end if;
  raise exception 'a counted fact is never changed' using errcode = '23514', constraint = 'counted_fact_stays', schema = 'stats', table = 'late_facts';
end $$;
create trigger counted_late_fact_stays before update or delete on stats.late_facts
  for each row when (old.cube_id is not null) execute function stats.check_frozen_late();
create trigger late_facts_are_never_emptied before truncate on stats.late_facts
  for each statement execute function stats.refuse_change();

grant select, insert, update, delete on stats.late_facts, stats.fact_corrections, stats.links to binhan_keeper;
grant create on schema stats to binhan_keeper;
reset role;
set role binhan_keeper;

-- The fact of a case, replaced by each correction until a cube counted it. Afterwards the corrected row waits beside it for the one correction of its release.
create or replace function stats.put_fact(ref bytea, scope text, received_on date, area text, commune text, form text, forms text[], sex text, age text,
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
    where f.cube_id is null and f.quarter_id is null;
  if not found then
    insert into stats.fact_corrections as k (fact_ref, received_on, area, commune, form, forms, sex, age, relation, sex_perp, ethnic)
    values (put_fact.ref, put_fact.received_on, coalesce(nullif(put_fact.area, ''), 'UNK'), coalesce(nullif(put_fact.commune, ''), 'UNK'),
            coalesce(nullif(put_fact.form, ''), 'UNK'), coalesce(put_fact.forms, '{}'), coalesce(nullif(put_fact.sex, ''), 'UNK'),
            coalesce(nullif(put_fact.age, ''), 'UNK'), coalesce(nullif(put_fact.relation, ''), 'UNKNOWN'), coalesce(nullif(put_fact.sex_perp, ''), 'UNK'),
            coalesce(nullif(put_fact.ethnic, ''), 'UNK'))
    on conflict (fact_ref) do update
      set received_on = excluded.received_on, area = excluded.area, commune = excluded.commune, form = excluded.form, forms = excluded.forms,
          sex = excluded.sex, age = excluded.age, relation = excluded.relation, sex_perp = excluded.sex_perp, ethnic = excluded.ethnic
      where k.cube_id is null;
  end if;
end $$;

-- Ties the fact of a case to the other facts of one person. The token comes from the key ring; nothing gives it back.
create function stats.put_link(ref bytea, token bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if put_link.token is null then
    delete from stats.links l where l.fact_ref = put_link.ref;
  elsif exists (select 1 from stats.facts f where f.fact_ref = put_link.ref) then
    insert into stats.links (fact_ref, token) values (put_link.ref, put_link.token)
    on conflict (fact_ref) do update set token = excluded.token where stats.links.token <> excluded.token;
  end if;
end $$;

-- What came of the referral of a case: scope and form are those of its fact. Replaced until a cube counted it.
create function stats.put_late(ref bytea, closed_on date, service text, outcome text, time_bin text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  insert into stats.late_facts as l (fact_ref, scope, closed_on, form, service, outcome, time_bin)
  select f.fact_ref, f.scope, put_late.closed_on, f.form, coalesce(nullif(put_late.service, ''), 'UNK'), coalesce(nullif(put_late.outcome, ''), 'UNK'),
         coalesce(nullif(put_late.time_bin, ''), 'UNK')
    from stats.facts f
   where f.fact_ref = put_late.ref
  on conflict (fact_ref) do update
    set scope = excluded.scope, closed_on = excluded.closed_on, form = excluded.form, service = excluded.service, outcome = excluded.outcome, time_bin = excluded.time_bin
    where l.cube_id is null;
end $$;

-- The case was opened again: what its closing said does not count, unless a cube counted it.
create function stats.drop_late(ref bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  delete from stats.late_facts l where l.fact_ref = drop_late.ref and l.cube_id is null;
end $$;

-- The fact of a case that is erased or does not count. One that was counted is emptied and stays frozen: the same case may not come back. Its token, its late
-- fact and its correction go with it.
create or replace function stats.drop_fact(ref bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  delete from stats.links l where l.fact_ref = drop_fact.ref;
  delete from stats.fact_corrections k where k.fact_ref = drop_fact.ref;
  delete from stats.late_facts f where f.fact_ref = drop_fact.ref and f.cube_id is null;
  update stats.late_facts f
     set closed_on = date_trunc('year', f.closed_on)::date, form = 'UNK', service = 'UNK', outcome = 'UNK', time_bin = 'UNK'
   where f.fact_ref = drop_fact.ref and f.cube_id is not null;
  delete from stats.facts f where f.fact_ref = drop_fact.ref and f.cube_id is null and f.quarter_id is null;
  update stats.facts f
     set received_on = date_trunc('year', f.received_on)::date, area = 'UNK', commune = 'UNK', form = 'UNK', forms = '{}', sex = 'UNK', age = 'UNK',
         relation = 'UNKNOWN', sex_perp = 'UNK', ethnic = 'UNK'
   where f.fact_ref = drop_fact.ref and (f.cube_id is not null or f.quarter_id is not null);
end $$;

-- Closes a period: each fact that no cube of the kind has counted gets this cube, once and for ever. It is the only way in, and the only place where files of one
-- person are found: the first of the year counts, by day and then by reference, also when another agency recorded it or an earlier cube counted it.
create or replace function stats.freeze_facts(cube uuid, for_attempt integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c record; n bigint;
begin
  select x.scope, x.period_from, x.period_to, x.state, x.attempt, x.kind, x.quarters, x.supersedes into c from stats.cubes x where x.id = freeze_facts.cube for update;
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if c.state is distinct from 'PREPARING' or c.attempt <> freeze_facts.for_attempt
     or not exists (select 1 from stats.privacy_ledger l where l.cube_id = freeze_facts.cube and l.state = 'RESERVED')
     or exists (select 1 from stats.privacy_ledger l where l.cube_id = freeze_facts.cube and l.xact = pg_current_xact_id()) then
    raise exception 'facts are read after their budget is reserved and committed'
      using errcode = '23514', constraint = 'facts_are_read_after_the_reserve', schema = 'stats', table = 'facts';
  end if;
  if c.kind in ('YEAR', 'QUARTER') and not c.quarters then
    -- Open facts of one person and year, beside those that are counted already. Only tokens of which there are several matter.
    update stats.facts f
       set files = x.files
      from (select t.fact_ref, t.open,
                   case when row_number() over person > 1 then 0 else least(999, count(*) over (partition by t.token, t.year)) end as files, t.had
              from (select k.fact_ref, k.token, date_trunc('year', g.received_on) as year, g.received_on, g.files as had,
                           g.cube_id is null and g.quarter_id is null and g.received_on <= c.period_to as open
                      from stats.links k
                      join stats.facts g on g.fact_ref = k.fact_ref and g.scope = c.scope
                     where k.token in (select d.token from stats.links d group by d.token having count(*) > 1)
                       and (g.cube_id is not null or g.quarter_id is not null or g.received_on <= c.period_to)) t
            window person as (partition by t.token, t.year order by t.open, t.received_on, t.fact_ref)) x
     where f.fact_ref = x.fact_ref and x.open and x.files <> x.had;
  end if;
  case c.kind
    when 'YEAR' then
      if c.quarters then
        update stats.facts f set cube_id = freeze_facts.cube
         where f.cube_id is null and f.scope = c.scope
           and f.quarter_id in (select q.id from stats.cubes q where q.scope = c.scope and q.kind = 'QUARTER' and q.period_from >= c.period_from and q.period_to <= c.period_to);
      else
        update stats.facts f set cube_id = freeze_facts.cube where f.cube_id is null and f.quarter_id is null and f.scope = c.scope and f.received_on <= c.period_to;
      end if;
    when 'QUARTER' then
      update stats.facts f set quarter_id = freeze_facts.cube where f.cube_id is null and f.quarter_id is null and f.scope = c.scope and f.received_on <= c.period_to;
    when 'LATE' then
      update stats.late_facts f
         set again = true
        from (select l.fact_ref, l.open,
                     row_number() over (partition by k.token, date_trunc('year', l.closed_on) order by l.open, l.closed_on, l.fact_ref) as nth
                from (select o.fact_ref, o.closed_on, o.cube_id is null as open from stats.late_facts o
                       where o.scope = c.scope and (o.cube_id is not null and not o.again or o.cube_id is null and o.closed_on <= c.period_to)) l
                join stats.links k on k.fact_ref = l.fact_ref
               where k.token in (select d.token from stats.links d group by d.token having count(*) > 1)) x
       where f.fact_ref = x.fact_ref and x.open and x.nth > 1;
      update stats.late_facts f set cube_id = freeze_facts.cube where f.cube_id is null and f.scope = c.scope and f.closed_on <= c.period_to;
    when 'CORRECTION' then
      update stats.fact_corrections k set cube_id = freeze_facts.cube
        from stats.facts f
       where k.cube_id is null and f.fact_ref = k.fact_ref and f.cube_id = c.supersedes;
  end case;
  get diagnostics n = row_count;
  return n;
end $$;

-- Whether files of persons can be tied at all: without any token the unit of protection is the file, and the release says so.
create function stats.links_exist(cube uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from stats.facts f join stats.links k on k.fact_ref = f.fact_ref where f.cube_id = links_exist.cube or f.quarter_id = links_exist.cube);
$$;

revoke execute on function stats.put_link(bytea, bytea), stats.put_late(bytea, date, text, text, text), stats.drop_late(bytea), stats.links_exist(uuid) from public;
grant execute on function stats.links_exist(uuid) to binhan_releaser;
grant execute on function stats.put_link(bytea, bytea), stats.put_late(bytea, date, text, text, text), stats.drop_late(bytea) to binhan_app;

reset role;
set role binhan_owner;
revoke create on schema stats from binhan_keeper;
revoke execute on function stats.check_plan_version(), stats.check_frozen_late() from public;

-- ------------------------------------------------------------------ errata

-- What is wrong in a release, in words without numbers: for mistakes whose correction the budget does not hold.
create table stats.errata (
  id uuid primary key,
  cube_id uuid not null references stats.cubes (id),
  text text not null,
  by_user uuid not null references auth.users (id),
  at timestamptz not null default now(),
  constraint erratum_has_no_numbers check (text !~ '[[:digit:]]' and length(text) between 1 and 2000)
);
create function stats.check_erratum() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.by_user := auth.user_id();
  new.at := now();
  if not exists (select 1 from stats.cubes c where c.id = new.cube_id and c.state in ('PUBLISHED', 'SUPERSEDED')) then
    raise exception 'an erratum is of a published release'
      using errcode = '23514', constraint = 'erratum_is_of_a_published_release', schema = 'stats', table = 'errata';
  end if;
  return new;
end $$;
revoke execute on function stats.check_erratum() from public;
create trigger erratum_is_signed before insert on stats.errata for each row execute function stats.check_erratum();
create trigger errata_are_never_changed before update or delete or truncate on stats.errata
  for each statement execute function stats.refuse_change();

-- ------------------------------------------------------------------ what the statistician sees

drop view stats.published_releases;
create view stats.published_releases with (security_barrier = true) as
  select c.id, c.scope, c.kind, c.period_from, c.period_to, c.state, c.definition, c.code_lists, c.size_from, c.closed_at, encode(c.sha256, 'hex') as sha256,
         c.prepared_role, c.published_role, c.published_at, c.supersedes, p.version as plan_version, p.spec as plan, c.unlinked,
         v.version as approved_plan, encode(v.sha256, 'hex') as approved_sha256, v.approved_at,
         (select n.id from stats.cubes n where n.supersedes = c.id and n.state = 'PUBLISHED') as superseded_by
    from stats.cubes c
    join stats.release_plans p on p.id = c.plan_id
    left join stats.plan_versions v on v.id = c.plan_version
   where c.state in ('PUBLISHED', 'SUPERSEDED');

create view stats.published_errata with (security_barrier = true) as
  select e.id, e.cube_id as release_id, e.text, e.at from stats.errata e;

grant select on stats.published_releases, stats.published_errata to binhan_statistics;

-- ------------------------------------------------------------------ what the release job may do

grant select on stats.late_facts, stats.fact_corrections to binhan_releaser;
grant select, insert, update (approved_by) on stats.plan_versions to binhan_releaser;
grant select, insert on stats.errata to binhan_releaser;
grant update (unlinked) on stats.cubes to binhan_releaser;

comment on column stats.plan_versions.id is 'public: random id';
comment on column stats.plan_versions.version is 'public: its name';
comment on column stats.plan_versions.kind is 'public: kind of cube that it is for';
comment on column stats.plan_versions.size is 'public: size class that it is for';
comment on column stats.plan_versions.spec is 'public: the plan, JSON, without the places and months of a scope';
comment on column stats.plan_versions.sha256 is 'public: of the plan';
comment on column stats.plan_versions.proposed_by is 'operational: who proposed it';
comment on column stats.plan_versions.proposed_at is 'operational: when';
comment on column stats.plan_versions.approved_by is 'operational: the second person';
comment on column stats.plan_versions.approved_at is 'public: when; empty while it may not be used';
comment on column stats.cubes.quarters is 'public: its quarters were published and are merged into it';
comment on column stats.cubes.plan_version is 'public: the approved plan that it was made by';
comment on column stats.cubes.unlinked is 'public: files of one person could not be tied, so that the unit is the file';
comment on column stats.privacy_ledger.sensitivity2 is 'public: squared sensitivity that the noise pays for';
comment on column stats.facts.quarter_id is 'operational: the quarter that counted it, empty when none did';
comment on column stats.facts.files is 'personal: files of the person in the year; none for a further file';
comment on column stats.late_facts.fact_ref is 'operational: the fact of the case';
comment on column stats.late_facts.scope is 'operational: province or imported register that counts it';
comment on column stats.late_facts.closed_on is 'personal: day on which the outcome was reported';
comment on column stats.late_facts.form is 'personal: main form, list violence_form';
comment on column stats.late_facts.service is 'personal: service asked for, list service_type';
comment on column stats.late_facts.outcome is 'personal: what came of it';
comment on column stats.late_facts.time_bin is 'personal: time from sending to accepting, in classes';
comment on column stats.late_facts.again is 'operational: a further file of somebody who is counted already';
comment on column stats.late_facts.cube_id is 'operational: the one late cube that counted it';
comment on column stats.fact_corrections.fact_ref is 'operational: the counted fact that was wrong';
comment on column stats.fact_corrections.received_on is 'personal: day of the first contact';
comment on column stats.fact_corrections.month is 'personal: its month';
comment on column stats.fact_corrections.area is 'personal: statistical area';
comment on column stats.fact_corrections.commune is 'personal: commune code';
comment on column stats.fact_corrections.form is 'personal: main form, list violence_form';
comment on column stats.fact_corrections.forms is 'personal: all forms, list violence_form';
comment on column stats.fact_corrections.sex is 'personal: list sex';
comment on column stats.fact_corrections.age is 'personal: list age_band';
comment on column stats.fact_corrections.relation is 'personal: list relationship_group';
comment on column stats.fact_corrections.sex_perp is 'personal: list sex';
comment on column stats.fact_corrections.ethnic is 'personal: list ethnicity_report_group';
comment on column stats.fact_corrections.cube_id is 'operational: the correction that counted it';
comment on column stats.links.fact_ref is 'operational: the fact of a case';
comment on column stats.links.token is 'secret: blind token of the key ring, of a person, under an index that serves nothing else';
comment on column stats.errata.id is 'public: random id';
comment on column stats.errata.cube_id is 'public: the release';
comment on column stats.errata.text is 'public: what is wrong, without numbers';
comment on column stats.errata.by_user is 'operational: who';
comment on column stats.errata.at is 'public: when';

reset role;
-- +goose StatementEnd
