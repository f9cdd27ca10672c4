-- +goose Up
-- +goose StatementBegin

-- What confidentiality needs on the ground: when a session last proved who sits before it, accounts whose rights are frozen until somebody
-- confirms who they are, and walls between one member of staff and one case (kin, neighbours, a conflict of interest), which hold whatever
-- standing she or her organisation has.

set role binhan_owner;

alter table auth.users add column frozen_at timestamptz;
alter table auth.sessions
  add column proved_at timestamptz not null default now(),
  add column strength text not null default 'password';

comment on column auth.users.frozen_at is 'operational: since when her rights rest, after a reset, until a second person confirms who she is';
comment on column auth.sessions.proved_at is 'operational: when the person last proved who she is';
comment on column auth.sessions.strength is 'operational: how she proved it: password, totp, passkey, oidc, recovery, command';

create table case_walls (
  id uuid primary key,
  case_id uuid not null references cases (id),
  user_id uuid not null references auth.users (id),
  why text not null,
  set_by uuid not null references auth.users (id),
  set_at timestamptz not null default now(),
  lifted_at timestamptz
);
create unique index wall_stands_once on case_walls (user_id, case_id) where lifted_at is null;
create index walls_of_case on case_walls (case_id);
alter table case_walls enable row level security;
alter table case_walls force row level security;

comment on column case_walls.id is 'operational: random id';
comment on column case_walls.case_id is 'operational: the case';
comment on column case_walls.user_id is 'operational: who never sees it';
comment on column case_walls.why is 'operational: list wall_reason';
comment on column case_walls.set_by is 'operational: by whom';
comment on column case_walls.set_at is 'operational: since when';
comment on column case_walls.lifted_at is 'operational: until when';

create constraint trigger case_walls_change_is_recorded after insert or update or delete on case_walls
  deferrable initially deferred for each row execute function audit.must_be_recorded();

grant select, insert, update on case_walls to binhan_keeper;

set role binhan_keeper;

-- The cases that the session's holder must not see, asked once per statement.
create function gate.walls() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(array_agg(w.case_id), '{}') from public.case_walls w where w.user_id = auth.user_id() and w.lifted_at is null);
end $$;

-- The first statement of every act, with what the act's conditions need: when the person last proved who she is, and whether her rights rest.
drop function gate.enter(text, text, text, uuid);
create function gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid)
returns table (user_id uuid, role text, organisation uuid, case_id uuid, held text, at timestamptz, proved_at timestamptz, strength text, frozen boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record; c uuid; r uuid;
begin
  select s.user_id, s.organisation_id, m.role, s.proved_at, s.strength, u.frozen_at is not null as frozen into who
    from auth.sessions s
    join auth.users u on u.id = s.user_id
    join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(p_handle, 'UTF8'))
     and s.ended_at is null
     and s.expires_at > now()
     and u.disabled_at is null
     and (m.valid_to is null or m.valid_to > now());
  if not found then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  perform set_config('app.sid', p_handle, true), set_config('app.standings', p_standings, true);
  case p_kind
    when 'case' then c := p_id;
    when 'referral' then select x.case_id into c from public.referrals x where x.id = p_id; r := p_id;
    when 'consent' then select x.case_id into c from public.consents x where x.id = p_id;
    when 'evidence' then select x.case_id into c from public.evidence x where x.id = p_id;
    else c := null;
  end case;
  -- Whoever holds nothing, or stands before a wall, is not even told which case the id belongs to.
  return query
    select who.user_id, who.role::text, who.organisation_id, case when h.standings <> '' then c end, h.standings, now(), who.proved_at, who.strength, who.frozen
      from (select coalesce(string_agg(distinct s.standing, ','), '') as standings
              from public.case_standings s
             where s.case_id = c
               and s.holder in (who.user_id, who.organisation_id)
               and (s.referral_id is null or s.referral_id = r)
               and (s.until is null or s.until > now())
               and not exists (select 1 from public.case_walls w where w.user_id = who.user_id and w.case_id = c and w.lifted_at is null)) h;
end $$;

-- Whose rights rest sees nothing, whatever she holds.
create or replace function auth.principals() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select array[s.user_id, s.organisation_id] from auth.sessions s
           where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
             and s.ended_at is null
             and s.locked_at is null
             and s.expires_at > now()
             and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
             and exists (select 1 from auth.memberships m join auth.users u on u.id = m.user_id
                          where m.id = s.membership_id and u.disabled_at is null and u.frozen_at is null and (m.valid_to is null or m.valid_to > now())));
end $$;

reset role;
set role binhan_owner;

drop policy held on case_standings;
create policy held on case_standings for select to binhan_app
  using (holder = any ((select auth.principals())::uuid[]) and case_id <> all ((select gate.walls())::uuid[]));

revoke execute on function gate.walls() from public;
grant execute on function gate.walls() to binhan_app;
revoke execute on function gate.enter(text, text, text, uuid) from public;
grant execute on function gate.enter(text, text, text, uuid) to binhan_app, binhan_releaser, binhan_statistics, binhan_auditor;

reset role;
-- +goose StatementEnd
