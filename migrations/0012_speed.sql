-- +goose Up
-- +goose StatementBegin

-- The same answers with less work. Who the session is, is asked a dozen times in one act, by every policy and every definer function: one function asks it, in one
-- look, and the others read its answer without a statement of their own. The look for a person known near by keeps its plan: with arrays in its hands the planner
-- believed each time that a plan of its own would be cheaper, and making one cost ten times what the look costs. docs/bench says what came of it.

set role binhan_keeper;

-- The session behind app.sid, if it may act this very moment, as her own id and her organisation's: not ended, locked or idle, its account and membership live, its
-- rights not resting. Whoever has yet to add her second factor, or waits for somebody to confirm who she is, is nobody to every policy and every definer
-- function of the field. The handle is hashed once; within the statement it would be hashed for each row that is looked at.
create or replace function auth.principals() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare h bytea := sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'));
begin
  return (
    select array[s.user_id, s.organisation_id]
      from auth.sessions s join auth.memberships m on m.id = s.membership_id join auth.users u on u.id = m.user_id
     where s.handle_hash = h
       and s.ended_at is null
       and s.locked_at is null
       and s.expires_at > now()
       and s.strength <> 'enrolling'
       and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
       and u.disabled_at is null
       and u.frozen_at is null
       and (m.valid_to is null or m.valid_to > now()));
end $$;

create or replace function auth.live() returns table (user_id uuid, organisation_id uuid) language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare p uuid[] := auth.principals();
begin
  if p is not null then
    user_id := p[1];
    organisation_id := p[2];
    return next;
  end if;
end $$;

create or replace function auth.user_id() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (auth.principals())[1];
end $$;

create or replace function auth.org_id() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (auth.principals())[2];
end $$;

alter function standing.known(text[], bytea[], boolean) set plan_cache_mode = force_generic_plan;

-- Whoever records a case holds it, and her supervisor supervises it: one statement for both.
create or replace function standing.open_cases(p_cases uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); boss uuid;
begin
  if me is null or exists (select 1 from unnest(p_cases) x
                             left join public.cases c on c.id = x
                            where c.owner is distinct from me
                               or exists (select 1 from public.case_standings s where s.case_id = x)) then
    raise exception 'not hers to open' using errcode = 'BA403';
  end if;
  select m.supervisor into boss
    from auth.sessions s join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(current_setting('app.sid'), 'UTF8'));
  insert into public.case_standings (case_id, standing, holder, why, granted_by)
  select x, k.standing, k.holder, k.why, me
    from unnest(p_cases) x
   cross join (values ('assigned', me, 'recorded'), ('supervisor', boss, 'supervises the holder')) k(standing, holder, why)
   where k.holder is not null;
end $$;

reset role;
-- +goose StatementEnd
