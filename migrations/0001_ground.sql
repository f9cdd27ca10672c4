-- +goose Up
-- +goose StatementBegin

-- The ground that cannot be added later: sessions, standings, row-level security, sealed columns, the record of every act.
--
-- Roles are made by the bootstrap (internal/pg), not here:
--   binhan_owner    owns the tables, cannot log in           binhan_keeper  owns the definer functions, passes row security, cannot log in
--   binhan_app      works for people, through row security   binhan_releaser / binhan_statistics / binhan_auditor   see their own schema only
--
-- Who somebody is comes from app.sid, the handle of a session that nobody can guess; whoever can set a setting still cannot become another.

set role binhan_owner;

create schema auth;
create schema gate;
create schema standing;
create schema audit;
grant usage, create on schema auth, gate, standing, audit to binhan_keeper;
grant usage on schema public to binhan_keeper;

-- ------------------------------------------------------------------ the directory

create table organisations (
  id uuid primary key,
  code text not null constraint organisation_code_is_unique unique,
  name text not null,
  type text not null,
  province text not null,
  commune text,
  address_hidden boolean not null default false,
  predecessor text,
  valid_from date not null,
  valid_to date,
  constraint organisation_ends_after_start check (valid_to is null or valid_to > valid_from)
);

create table services (
  id uuid primary key,
  organisation_id uuid not null references organisations (id),
  type text not null,
  communes text[] not null default '{}',
  opens time,
  closes time,
  capacity_today integer,
  phone text,
  constraint organisation_offers_a_service_once unique (organisation_id, type),
  constraint capacity_is_not_negative check (capacity_today >= 0)
);

-- ------------------------------------------------------------------ people and sessions

create table auth.users (
  id uuid primary key,
  username text not null constraint username_is_unique unique,
  name text not null,
  salt bytea not null,
  verifier bytea not null,
  argon text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);

create table auth.memberships (
  id uuid primary key,
  user_id uuid not null references auth.users (id),
  organisation_id uuid not null references organisations (id),
  role text not null,
  supervisor uuid references auth.users (id),
  valid_from timestamptz not null default now(),
  valid_to timestamptz,
  constraint membership_ends_after_start check (valid_to is null or valid_to > valid_from),
  constraint nobody_supervises_herself check (supervisor <> user_id)
);
create index memberships_of_user on auth.memberships (user_id);

create table auth.sessions (
  handle_hash bytea primary key,
  membership_id uuid not null references auth.memberships (id),
  user_id uuid not null references auth.users (id),
  organisation_id uuid not null references organisations (id),
  kind text not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  locked_at timestamptz,
  wrong_unlocks integer not null default 0,
  ended_at timestamptz,
  constraint session_kind_is_known check (kind in ('cookie', 'token', 'command'))
);
create index sessions_of_user on auth.sessions (user_id) where ended_at is null;

-- ------------------------------------------------------------------ cases

create table cases (
  id uuid primary key,
  code text not null constraint case_code_is_unique unique,
  scope text not null,
  province text not null,
  status text not null,
  risk text,
  commune text,
  area text,
  owner uuid not null references auth.users (id),
  organisation_id uuid not null references organisations (id),
  received_on date not null,
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  narrative bytea not null,
  constraint case_version_counts_up check (version >= 1)
) with (fillfactor = 90);

create table case_keys (
  case_id uuid primary key references cases (id),
  identity bytea,
  safety bytea,
  narrative bytea,
  evidence bytea
);

create table survivors (
  case_id uuid primary key references cases (id),
  identity bytea not null,
  safety bytea not null
) with (fillfactor = 90);

create table incidents (
  id uuid primary key,
  case_id uuid not null references cases (id),
  occurred_on date,
  precision text not null,
  commune text,
  narrative bytea not null,
  identity bytea not null,
  recorded_at timestamptz not null
);
create index incidents_of_case on incidents (case_id);

create table consents (
  id uuid primary key,
  case_id uuid not null references cases (id),
  purpose text not null,
  recipient_org uuid references organisations (id),
  recipient_type text,
  fields text[] not null default '{}',
  decision text not null,
  by_whom text not null,
  method text not null,
  given_at timestamptz not null,
  expires_at timestamptz,
  withdrawn_at timestamptz,
  narrative bytea not null,
  constraint consent_ends_after_start check (expires_at is null or expires_at > given_at),
  constraint consent_names_one_recipient check (num_nonnulls(recipient_org, recipient_type) <= 1)
);
create index consents_of_case on consents (case_id);

create table evidence (
  id uuid primary key,
  case_id uuid not null references cases (id),
  object text not null constraint evidence_object_is_used_once unique,
  size bigint not null,
  sealed_size bigint not null,
  details bytea not null,
  added_by uuid not null references auth.users (id),
  added_at timestamptz not null,
  constraint evidence_size_is_not_negative check (size >= 0 and sealed_size > 0)
);
create index evidence_of_case on evidence (case_id);

-- ------------------------------------------------------------------ referrals

create table referrals (
  id uuid primary key,
  code text not null constraint referral_code_is_unique unique,
  case_id uuid not null references cases (id),
  status text not null,
  service text not null,
  priority text not null,
  from_org uuid not null references organisations (id),
  from_user uuid not null references auth.users (id),
  to_org uuid not null references organisations (id),
  taken_by uuid references auth.users (id),
  forwarded_from uuid references referrals (id),
  commune text,
  age_band text not null,
  needs text[] not null default '{}',
  fields text[] not null,
  consent_id uuid references consents (id),
  legal_basis text,
  created_at timestamptz not null,
  sent_at timestamptz,
  acknowledged_at timestamptz,
  accepted_at timestamptz,
  ended_at timestamptz,
  due_acknowledge timestamptz,
  due_accept timestamptz,
  due_first_contact timestamptz,
  due_outcome timestamptz,
  version integer not null default 1,
  constraint referral_stands_on_consent_or_law check (num_nonnulls(consent_id, legal_basis) = 1),
  constraint taken_referral_names_the_taker check ((status in ('ACCEPTED', 'IN_SERVICE', 'FEEDBACK', 'NO_SHOW')) <= (taken_by is not null)),
  constraint referral_is_not_sent_to_oneself check (from_org <> to_org)
) with (fillfactor = 90);
create index referrals_of_case on referrals (case_id);
create index referrals_waiting on referrals (to_org, status, due_acknowledge);
create unique index referrals_are_forwarded_once on referrals (forwarded_from) where forwarded_from is not null;
create unique index referrals_one_open_per_receiver on referrals (case_id, to_org, service)
  where status in ('SENT', 'RECEIVED', 'INFO_REQUESTED', 'ESCALATED', 'ACCEPTED', 'IN_SERVICE');

-- The moves that may be written, whoever writes them. The machine in internal/referral decides; this is the wall behind it, so that a statement that slipped in
-- cannot reopen what was withdrawn. ESCALATED and EXPIRED are functions of the clock and are never written.
create function standing.legal_move(p_from text, p_to text) returns boolean language sql immutable as $$
  select p_from || '>' || p_to = any (array[
    'DRAFT>SENT', 'DRAFT>CANCELLED', 'DRAFT>CONSENT_WITHDRAWN',
    'SENT>RECEIVED', 'SENT>ACCEPTED', 'SENT>DECLINED', 'SENT>INFO_REQUESTED', 'SENT>FORWARDED', 'SENT>CANCELLED', 'SENT>CONSENT_WITHDRAWN', 'SENT>COMPLETED',
    'RECEIVED>ACCEPTED', 'RECEIVED>DECLINED', 'RECEIVED>INFO_REQUESTED', 'RECEIVED>FORWARDED', 'RECEIVED>CANCELLED', 'RECEIVED>CONSENT_WITHDRAWN', 'RECEIVED>COMPLETED',
    'INFO_REQUESTED>RECEIVED', 'INFO_REQUESTED>ACCEPTED', 'INFO_REQUESTED>DECLINED', 'INFO_REQUESTED>CANCELLED', 'INFO_REQUESTED>CONSENT_WITHDRAWN',
    'ACCEPTED>IN_SERVICE', 'ACCEPTED>FEEDBACK', 'ACCEPTED>NO_SHOW', 'ACCEPTED>CANCELLED', 'ACCEPTED>CONSENT_WITHDRAWN',
    'IN_SERVICE>FEEDBACK', 'IN_SERVICE>NO_SHOW', 'IN_SERVICE>CANCELLED', 'IN_SERVICE>CONSENT_WITHDRAWN',
    'FEEDBACK>COMPLETED', 'NO_SHOW>COMPLETED', 'DECLINED>COMPLETED'])
$$;

create function standing.move_legally() returns trigger language plpgsql as $$
begin
  if new.status <> old.status and not standing.legal_move(old.status, new.status) then
    raise exception 'no such move' using errcode = 'BA500';
  end if;
  return new;
end $$;
create trigger referral_moves_legally before update of status on referrals for each row execute function standing.move_legally();

create table referral_keys (
  referral_id uuid primary key references referrals (id),
  case_id uuid not null references cases (id),
  made_for uuid not null references referrals (id),
  disclosure bytea
);

create table referral_talk_keys (
  referral_id uuid primary key references referrals (id),
  case_id uuid not null references cases (id),
  narrative bytea
);

create table referral_snapshots (
  referral_id uuid primary key references referrals (id),
  case_id uuid not null references cases (id),
  made_for uuid not null references referrals (id),
  sealed bytea not null,
  taken_at timestamptz not null
);

create table referral_moves (
  id uuid primary key,
  referral_id uuid not null references referrals (id),
  case_id uuid not null references cases (id),
  move text not null,
  from_status text not null,
  to_status text not null,
  at timestamptz not null,
  by_user uuid not null references auth.users (id),
  by_org uuid not null references organisations (id),
  code text,
  sealed bytea
);
create index moves_of_referral on referral_moves (referral_id, at);

-- ------------------------------------------------------------------ who may, and why

create table case_standings (
  id uuid primary key default gen_random_uuid(),
  case_id uuid not null references cases (id),
  referral_id uuid references referrals (id),
  standing text not null,
  holder uuid not null,
  since timestamptz not null default now(),
  until timestamptz,
  why text not null,
  granted_by uuid not null references auth.users (id),
  constraint standing_is_known check (standing in ('assigned', 'supervisor', 'own_organisation', 'addressee', 'referred', 'break_glass')),
  constraint standing_of_a_referral_names_it check ((standing in ('addressee', 'referred')) = (referral_id is not null))
);
create index standings_by_case on case_standings (case_id, holder);
create index standings_by_holder on case_standings (holder, case_id desc) include (standing, referral_id, until);
create index standings_by_referral on case_standings (referral_id) where referral_id is not null;
create unique index standings_once on case_standings (case_id, standing, holder) where referral_id is null and until is null;

-- ------------------------------------------------------------------ what was asked once

create table idempotency (
  user_id uuid not null references auth.users (id),
  key text not null,
  route text not null,
  body bytea not null,
  status integer not null,
  location text not null,
  at timestamptz not null default now(),
  constraint idempotency_once primary key (user_id, key)
);

-- ------------------------------------------------------------------ the record

create table audit.entries (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  xact xid8 not null default pg_current_xact_id(),
  actor uuid,
  organisation uuid,
  role text,
  session bytea,
  act text not null,
  kind text not null,
  subject uuid,
  case_id uuid,
  classes text[] not null,
  decision text not null,
  standing text,
  reason text,
  note bytea,
  request text,
  constraint decision_is_known check (decision in ('allowed', 'refused'))
);
create index entries_by_xact on audit.entries (xact, case_id);
create index entries_by_case on audit.entries (case_id, id desc) where case_id is not null;
create index entries_by_actor on audit.entries (actor, id desc);

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the record is never changed' using errcode = 'BA500';
end $$;
create trigger record_is_never_changed before update or delete or truncate on audit.entries
  for each statement execute function audit.refuse_change();

-- ------------------------------------------------------------------ what the keeper may touch

grant select, insert, update on auth.users, auth.memberships, auth.sessions to binhan_keeper;
grant select on organisations, services, cases, consents, incidents, evidence to binhan_keeper;
grant select, update on referrals to binhan_keeper;
grant select, insert, update on case_standings to binhan_keeper;
grant select, insert on referral_keys, referral_talk_keys, referral_snapshots to binhan_keeper;
grant select on idempotency to binhan_keeper;
grant update (owner, organisation_id, updated_at, version) on cases to binhan_keeper;
grant select, insert on audit.entries to binhan_keeper;

set role binhan_keeper;

-- The session behind app.sid, if it may act this very moment: not ended, locked or idle, its account and membership live. Policies write (select auth.user_id()), so it is asked once per statement. In plpgsql, whose plans are kept.
create function auth.user_id() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select s.user_id from auth.sessions s
           where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
             and s.ended_at is null
             and s.locked_at is null
             and s.expires_at > now()
             and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
             and exists (select 1 from auth.memberships m join auth.users u on u.id = m.user_id
                          where m.id = s.membership_id and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())));
end $$;

create function auth.org_id() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select s.organisation_id from auth.sessions s
           where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
             and s.ended_at is null
             and s.locked_at is null
             and s.expires_at > now()
             and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
             and exists (select 1 from auth.memberships m join auth.users u on u.id = m.user_id
                          where m.id = s.membership_id and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())));
end $$;

-- Whoever may hold a standing: she herself and her organisation.
create function auth.principals() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select array[s.user_id, s.organisation_id] from auth.sessions s
           where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
             and s.ended_at is null
             and s.locked_at is null
             and s.expires_at > now()
             and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
             and exists (select 1 from auth.memberships m join auth.users u on u.id = m.user_id
                          where m.id = s.membership_id and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())));
end $$;

-- Everything about the session that a request begins with; touches the idle clock at most once a minute.
create function auth.whoami(p_handle text)
returns table (user_id uuid, username text, name text, role text, organisation uuid, org_name text, org_type text, org_commune text, province text,
               expires_at timestamptz, locked boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare h bytea := sha256(convert_to(p_handle, 'UTF8'));
begin
  update auth.sessions s set seen_at = now()
   where s.handle_hash = h and s.ended_at is null and s.seen_at < now() - interval '1 minute' and s.seen_at > now() - interval '15 minutes';
  return query
    select u.id, u.username, u.name, m.role, o.id, o.name, o.type, coalesce(o.commune, ''), o.province, s.expires_at, s.locked_at is not null
      from auth.sessions s
      join auth.users u on u.id = s.user_id
      join auth.memberships m on m.id = s.membership_id
      join public.organisations o on o.id = s.organisation_id
     where s.handle_hash = h
       and s.ended_at is null
       and s.expires_at > now()
       and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
       and u.disabled_at is null
       and m.valid_from <= now()
       and (m.valid_to is null or m.valid_to > now());
end $$;

-- What a sign-in needs before the password can be judged. Nothing here tells whether the account exists: the caller makes up a salt.
create function auth.salt(p_username text) returns table (salt bytea, argon text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.salt, u.argon from auth.users u where u.username = p_username and u.disabled_at is null
$$;

-- Opens a session for whoever brings the key derived from the password; records the attempt either way. A statement that does not know the
-- password cannot open a session, whatever else it can do.
create function auth.sign_in(p_username text, p_derived bytea, p_handle text, p_kind text, p_hours integer, p_request text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record;
begin
  select u.id, m.id as membership, m.organisation_id, m.role, u.verifier into who
    from auth.users u
    join auth.memberships m on m.user_id = u.id and m.valid_from <= now() and (m.valid_to is null or m.valid_to > now())
   where u.username = p_username and u.disabled_at is null
   order by m.valid_from
   limit 1;
  if who.id is null or who.verifier <> sha256(p_derived) or p_kind not in ('cookie', 'token') then
    insert into audit.entries (actor, organisation, role, act, kind, classes, decision, request)
    values (who.id, who.organisation_id, who.role, 'session.open', 'session', '{}', 'refused', p_request);
    return null;
  end if;
  insert into auth.sessions (handle_hash, membership_id, user_id, organisation_id, kind, expires_at)
  values (sha256(convert_to(p_handle, 'UTF8')), who.membership, who.id, who.organisation_id, p_kind, now() + make_interval(hours => least(p_hours, 10)));
  insert into audit.entries (actor, organisation, role, session, act, kind, classes, decision, request)
  values (who.id, who.organisation_id, who.role, substr(sha256(convert_to(p_handle, 'UTF8')), 1, 8), 'session.open', 'session', '{}', 'allowed', p_request);
  return who.id;
end $$;

create function auth.end_session(p_handle text, p_request text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s record;
begin
  update auth.sessions x set ended_at = now()
   where x.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and x.ended_at is null
  returning x.user_id, x.organisation_id, x.handle_hash into s;
  if found then
    insert into audit.entries (actor, organisation, session, act, kind, classes, decision, request)
    values (s.user_id, s.organisation_id, substr(s.handle_hash, 1, 8), 'session.close', 'session', '{}', 'allowed', p_request);
  end if;
end $$;

-- The screen lock: the session lives on, its pages are closed until the password is brought again. The handle changes hands with the cookie.
create function auth.lock_session(p_handle text, p_locked boolean, p_username text, p_derived bytea) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare h bytea := sha256(convert_to(p_handle, 'UTF8'));
begin
  if p_locked then
    update auth.sessions set locked_at = coalesce(locked_at, now()) where handle_hash = h and ended_at is null;
    return found;
  end if;
  update auth.sessions s set locked_at = null, seen_at = now(), wrong_unlocks = 0
    from auth.users u
   where s.handle_hash = h and s.ended_at is null and s.expires_at > now() and u.id = s.user_id and u.username = p_username and u.verifier = sha256(p_derived);
  if found then
    return true;
  end if;
  -- Somebody guesses at an unattended screen: on the record, and after five times there is nothing left to guess at.
  update auth.sessions s set wrong_unlocks = s.wrong_unlocks + 1, ended_at = case when s.wrong_unlocks >= 4 then now() end
   where s.handle_hash = h and s.ended_at is null;
  insert into audit.entries (actor, organisation, session, act, kind, classes, decision)
  select s.user_id, s.organisation_id, substr(h, 1, 8), 'session.unlock', 'session', '{}', 'refused' from auth.sessions s where s.handle_hash = h;
  return false;
end $$;

-- A session for a program on the host: only the operator's role may make one.
create function auth.command_session(p_username text, p_handle text, p_hours integer) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record;
begin
  select u.id, m.id as membership, m.organisation_id, m.role into who
    from auth.users u
    join auth.memberships m on m.user_id = u.id and m.valid_from <= now() and (m.valid_to is null or m.valid_to > now())
   where u.username = p_username and u.disabled_at is null
   order by m.valid_from limit 1;
  if who.id is null then
    return null;
  end if;
  insert into auth.sessions (handle_hash, membership_id, user_id, organisation_id, kind, expires_at)
  values (sha256(convert_to(p_handle, 'UTF8')), who.membership, who.id, who.organisation_id, 'command', now() + make_interval(hours => p_hours));
  insert into audit.entries (actor, organisation, role, session, act, kind, classes, decision)
  values (who.id, who.organisation_id, who.role, substr(sha256(convert_to(p_handle, 'UTF8')), 1, 8), 'session.command', 'session', '{}', 'allowed');
  return who.id;
end $$;

-- What an Idempotency-Key of this session's user answered before.
create function auth.replayed(p_handle text, p_key text) returns table (route text, location text, body bytea, status integer)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select i.route, i.location, i.body, i.status
    from auth.sessions s join public.idempotency i on i.user_id = s.user_id and i.key = p_key
   where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.expires_at > now() and i.at > now() - interval '48 hours'
$$;

-- Names of staff, for owners and takers on a page.
create function auth.staff(p_ids uuid[]) returns table (id uuid, username text, name text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.id, u.username, u.name from auth.users u where u.id = any (p_ids)
$$;

-- The first statement of every act: whose session, which case, what she holds there. Later statements of the transaction are bound to it.
create function gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid)
returns table (user_id uuid, role text, organisation uuid, case_id uuid, held text, at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record; c uuid; r uuid;
begin
  select s.user_id, s.organisation_id, m.role into who
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
  -- Whoever holds nothing is not even told which case the id belongs to.
  return query
    select who.user_id, who.role::text, who.organisation_id, case when h.standings <> '' then c end, h.standings, now()
      from (select coalesce(string_agg(distinct s.standing, ','), '') as standings
              from public.case_standings s
             where s.case_id = c
               and s.holder in (who.user_id, who.organisation_id)
               and (s.referral_id is null or s.referral_id = r)
               and (s.until is null or s.until > now())) h;
end $$;

-- The record of an act, in its transaction. Who did it comes from the session, not from the caller.
create function audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text,
                          p_reason text, p_note bytea, p_request text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record;
begin
  select s.user_id, s.organisation_id, m.role, substr(s.handle_hash, 1, 8) as session into who
    from auth.sessions s join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
     and s.expires_at > now();
  if not found then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  insert into audit.entries (actor, organisation, role, session, act, kind, subject, case_id, classes, decision, standing, reason, note, request)
  select who.user_id, who.organisation_id, who.role, who.session, p_act, p_kind, p_subject, c, p_classes, p_decision, p_standing, p_reason, p_note, p_request
    from unnest(case when cardinality(p_cases) = 0 then array[null::uuid] else p_cases end) c;
end $$;

-- A change to a case that its transaction did not record does not commit.
create function audit.must_be_recorded() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c uuid;
begin
  if tg_table_name = 'cases' then
    if tg_op = 'DELETE' then c := old.id; else c := new.id; end if;
  else
    if tg_op = 'DELETE' then c := old.case_id; else c := new.case_id; end if;
  end if;
  if not exists (select 1 from audit.entries e where e.xact = pg_current_xact_id() and e.case_id = c and e.decision = 'allowed') then
    raise exception 'a change to a case was not recorded' using errcode = 'BA500';
  end if;
  return null;
end $$;

-- Who opened this case, for whoever holds it or supervises its holder.
create function audit.of_case(p_case uuid, p_limit integer, p_before bigint)
returns table (id bigint, at timestamptz, actor uuid, username text, name text, org_name text, act text, standing text, classes text[], reason text, note bytea, decision text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.id, e.at, e.actor, u.username, u.name, o.name, e.act, e.standing, e.classes, e.reason, e.note, e.decision
    from audit.entries e
    left join auth.users u on u.id = e.actor
    left join public.organisations o on o.id = e.organisation
   where e.case_id = p_case
     and (p_before is null or e.id < p_before)
     and exists (select 1 from public.case_standings s
                  where s.case_id = p_case and s.holder = auth.user_id() and s.referral_id is null
                    and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now()))
   order by e.id desc
   limit p_limit
$$;

-- ------------------------------------------------------------------ standings are given by these functions alone

-- Whoever records a case holds it, and her supervisor sees its record.
create function standing.open_cases(p_cases uuid[]) returns void
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
  select x, 'assigned', me, 'recorded', me from unnest(p_cases) x;
  if boss is not null then
    insert into public.case_standings (case_id, standing, holder, why, granted_by)
    select x, 'supervisor', boss, 'supervises the holder', me from unnest(p_cases) x;
  end if;
end $$;

-- A supervisor gives a case of her staff to another of her staff.
create function standing.assign(p_case uuid, p_user uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); org uuid;
begin
  if not exists (select 1 from public.case_standings s where s.case_id = p_case and s.holder = me and s.standing = 'supervisor' and s.until is null) then
    raise exception 'not hers to assign' using errcode = 'BA403';
  end if;
  select m.organisation_id into org from auth.memberships m
   where m.user_id = p_user and m.supervisor = me and (m.valid_to is null or m.valid_to > now())
     and m.role in ('COUNSELLOR', 'CASE_MANAGER', 'WU_FOCAL');
  if org is null then
    raise exception 'not of her staff' using errcode = 'BA409';
  end if;
  update public.case_standings set until = now() where case_id = p_case and standing = 'assigned' and until is null and holder <> p_user;
  insert into public.case_standings (case_id, standing, holder, why, granted_by) values (p_case, 'assigned', p_user, 'assigned by supervisor', me)
  on conflict do nothing;
  update public.cases set owner = p_user, organisation_id = org, updated_at = now(), version = version + 1 where id = p_case;
end $$;

-- A sent referral enters the queue of its addressee. Only who holds the case may send.
create function standing.address(p_referral uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); r record;
begin
  select x.case_id, x.to_org, x.status into r from public.referrals x where x.id = p_referral;
  if r.status is distinct from 'SENT' or not exists (
       select 1 from public.case_standings s
        where s.case_id = r.case_id and s.holder = me and s.standing = 'assigned' and s.referral_id is null and (s.until is null or s.until > now())) then
    raise exception 'not hers to send' using errcode = 'BA403';
  end if;
  insert into public.case_standings (case_id, referral_id, standing, holder, why, granted_by)
  values (r.case_id, p_referral, 'addressee', r.to_org, 'referral sent', me);
end $$;

-- An addressee passes a referral on, unopened: the snapshot and its key are copied as they are, and the consent is asked again for the new addressee.
create function standing.forward(p_new uuid, p_talk bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); mine uuid := auth.org_id(); r record; f record; c record; kind text;
begin
  select x.case_id, x.to_org, x.from_org, x.from_user, x.status, x.forwarded_from, x.fields, x.service, x.consent_id, x.legal_basis, x.commune, x.age_band into r from public.referrals x where x.id = p_new;
  select x.id, x.case_id, x.from_org, x.from_user, x.status, x.fields, x.service, x.consent_id, x.legal_basis, x.to_org, x.commune, x.age_band into f from public.referrals x where x.id = r.forwarded_from;
  if r.status is distinct from 'SENT' or f.status is distinct from 'FORWARDED' or f.case_id <> r.case_id or f.from_org <> r.from_org or f.to_org <> mine
     or f.fields is distinct from r.fields or f.service <> r.service or f.consent_id is distinct from r.consent_id or f.legal_basis is distinct from r.legal_basis
     or f.from_user <> r.from_user or f.commune is distinct from r.commune or f.age_band <> r.age_band or r.to_org in (mine, f.from_org)
     or not exists (select 1 from public.services v where v.organisation_id = r.to_org and v.type = r.service)
     or not exists (select 1 from public.case_standings s where s.referral_id = f.id and s.holder = mine and s.standing = 'addressee' and s.until is null) then
    raise exception 'not hers to forward' using errcode = 'BA403';
  end if;
  if r.consent_id is not null then
    select o.type into kind from public.organisations o where o.id = r.to_org;
    select x.* into c from public.consents x where x.id = r.consent_id;
    if c.decision <> 'GIVEN' or c.withdrawn_at is not null or c.expires_at <= now()
       or not (r.fields <@ c.fields)
       or (c.recipient_org is not null and c.recipient_org <> r.to_org)
       or (c.recipient_type is not null and c.recipient_type <> kind)
       or (c.recipient_org is null and c.recipient_type is null and not case c.purpose
             when 'SHARE_POLICE' then kind in ('POLICE_COMMUNE', 'POLICE_DISTRICT', 'POLICE_PROVINCE', 'BORDER_POST')
             when 'SHARE_WU' then kind in ('WU_COMMUNE', 'WU_DISTRICT', 'WU_PROVINCE')
             when 'SHARE_HEALTH' then kind in ('HEALTH_STATION', 'HOSPITAL', 'FORENSIC')
             when 'SHARE_COUNSEL' then kind in ('COUNSEL_SERVICE', 'SOCIAL_CENTER', 'OSSC', 'SHELTER_NGO', 'TRUSTED_ADDRESS')
             when 'SHARE_LEGAL' then kind = 'LEGAL_AID'
             when 'SHARE_COMMUNE' then kind = 'COMMUNE_PC'
             else false end) then
      raise exception 'the consent does not speak of this receiver' using errcode = 'BA422';
    end if;
  end if;
  insert into public.referral_talk_keys (referral_id, case_id, narrative) values (p_new, r.case_id, p_talk);
  insert into public.referral_keys (referral_id, case_id, made_for, disclosure)
  select p_new, k.case_id, k.made_for, k.disclosure from public.referral_keys k where k.referral_id = f.id;
  insert into public.referral_snapshots (referral_id, case_id, made_for, sealed, taken_at)
  select p_new, k.case_id, k.made_for, k.sealed, k.taken_at from public.referral_snapshots k where k.referral_id = f.id;
  insert into public.case_standings (case_id, referral_id, standing, holder, why, granted_by)
  values (r.case_id, p_new, 'addressee', r.to_org, 'referral forwarded', me);
end $$;

-- What was shared is lent by the consent, and for no longer than it lasts; a ground in law has no end of its own.
create function standing.shared(p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select r.consent_id is null or c.decision = 'GIVEN' and c.withdrawn_at is null and (c.expires_at is null or c.expires_at > now())
                     from public.referrals r left join public.consents c on c.id = r.consent_id
                    where r.id = p_referral), false)
$$;

-- An accepted referral opens its disclosure to the organisation that accepted.
create function standing.accept(p_referral uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); mine uuid := auth.org_id(); r record;
begin
  select x.case_id, x.to_org, x.status, x.sent_at into r from public.referrals x where x.id = p_referral;
  if r.status is distinct from 'ACCEPTED' or r.to_org is distinct from mine or r.sent_at < now() - interval '31 days'
     or exists (select 1 from public.case_standings s where s.referral_id = p_referral and s.standing = 'referred')
     or not exists (select 1 from public.case_standings s where s.referral_id = p_referral and s.holder = mine and s.standing = 'addressee' and s.until is null) then
    raise exception 'not hers to accept' using errcode = 'BA403';
  end if;
  if not standing.shared(p_referral) then
    raise exception 'the consent is over' using errcode = 'BA410';
  end if;
  insert into public.case_standings (case_id, referral_id, standing, holder, why, granted_by)
  values (r.case_id, p_referral, 'referred', mine, 'referral accepted', me);
end $$;

-- What a referral opened is closed: by its sender, by the addressee who declines or passes it on. The envelope stays readable for the answer.
create function standing.end_referral(p_referral uuid, p_why text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); mine uuid := auth.org_id(); r record;
begin
  select x.case_id, x.to_org into r from public.referrals x where x.id = p_referral;
  if r.to_org is distinct from mine
     and not exists (select 1 from public.case_standings s
                      where s.case_id = r.case_id and s.holder = me and s.standing = 'assigned' and s.referral_id is null and (s.until is null or s.until > now())) then
    raise exception 'not hers to end' using errcode = 'BA403';
  end if;
  update public.case_standings set until = now(), why = p_why where referral_id = p_referral and standing = 'referred' and until is null;
end $$;

-- Access follows the status, whoever writes it: what is neither accepted nor answered is closed to the receiver.
create function standing.follow_status() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.status not in ('ACCEPTED', 'IN_SERVICE', 'FEEDBACK', 'NO_SHOW') then
    update public.case_standings set until = now(), why = 'status ' || new.status where referral_id = new.id and standing = 'referred' and until is null;
  end if;
  return null;
end $$;

reset role;
set role binhan_owner;

create trigger referral_access_follows_status after update of status on referrals for each row execute function standing.follow_status();

-- A consent is taken back once, at the time of the act, and never given back.
create function standing.withdraw_once() returns trigger language plpgsql as $$
begin
  if old.withdrawn_at is not null or new.withdrawn_at is null then
    raise exception 'a withdrawn consent stays withdrawn' using errcode = 'BA500';
  end if;
  new.withdrawn_at := now();
  return new;
end $$;
create trigger consent_is_withdrawn_once before update of withdrawn_at on consents for each row execute function standing.withdraw_once();

-- ------------------------------------------------------------------ row-level security: the second wall

create function gate.standings() returns text[] language sql stable as $$
  select string_to_array(nullif(current_setting('app.standings', true), ''), ',')
$$;

alter table case_standings enable row level security;
alter table case_standings force row level security;
create policy held on case_standings for select to binhan_app
  using (holder = any ((select auth.principals())::uuid[]));

-- The cases that the session's holder may see by the standings that suffice for her act. Ordered, so that a page of the newest stops after a page:
-- ids grow with time, and the walk over standings_by_holder is already in their order.
create view my_cases with (security_invoker = true) as
  select distinct on (s.case_id) s.case_id
    from case_standings s
   where s.holder = (select auth.user_id())
     and s.referral_id is null
     and s.standing = any ((select gate.standings())::text[])
     and (s.until is null or s.until > now())
   order by s.case_id desc;

alter table cases enable row level security;
alter table cases force row level security;
create policy seen on cases for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = cases.id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy recorded on cases for insert to binhan_app
  with check (owner = (select auth.user_id()) and organisation_id = (select auth.org_id()));
create policy corrected on cases for update to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = cases.id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())))
  with check (exists (select 1 from case_standings s where s.case_id = cases.id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table case_keys enable row level security;
alter table case_keys force row level security;
create policy seen on case_keys for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = case_keys.case_id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy recorded on case_keys for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = case_keys.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table survivors enable row level security;
alter table survivors force row level security;
create policy seen on survivors for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = survivors.case_id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy recorded on survivors for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = survivors.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy corrected on survivors for update to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = survivors.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())))
  with check (exists (select 1 from case_standings s where s.case_id = survivors.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table incidents enable row level security;
alter table incidents force row level security;
create policy seen on incidents for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = incidents.case_id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy recorded on incidents for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = incidents.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy corrected on incidents for update to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = incidents.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())))
  with check (exists (select 1 from case_standings s where s.case_id = incidents.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table consents enable row level security;
alter table consents force row level security;
create policy seen on consents for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = consents.case_id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy recorded on consents for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = consents.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy corrected on consents for update to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = consents.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())))
  with check (exists (select 1 from case_standings s where s.case_id = consents.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table evidence enable row level security;
alter table evidence force row level security;
create policy seen on evidence for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = evidence.case_id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy recorded on evidence for insert to binhan_app
  with check (added_by = (select auth.user_id()) and exists (select 1 from case_standings s where s.case_id = evidence.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table referrals enable row level security;
alter table referrals force row level security;
create policy seen on referrals for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = referrals.case_id and (s.referral_id is null or (s.referral_id = referrals.id)) and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy written on referrals for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = referrals.case_id and (s.referral_id is null or (s.referral_id = referrals.forwarded_from)) and s.standing in ('assigned', 'addressee', 'referred') and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy moved on referrals for update to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = referrals.case_id and (s.referral_id is null or (s.referral_id = referrals.id)) and s.standing in ('assigned', 'addressee', 'referred') and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())))
  with check (exists (select 1 from case_standings s where s.case_id = referrals.case_id and (s.referral_id is null or (s.referral_id = referrals.id)) and s.standing in ('assigned', 'addressee', 'referred') and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table referral_keys enable row level security;
alter table referral_keys force row level security;
create policy seen on referral_keys for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = referral_keys.case_id and (s.referral_id is null or (s.referral_id = referral_keys.referral_id and s.standing = 'referred' and standing.shared(referral_keys.referral_id))) and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy written on referral_keys for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = referral_keys.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table referral_snapshots enable row level security;
alter table referral_snapshots force row level security;
create policy seen on referral_snapshots for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = referral_snapshots.case_id and (s.referral_id is null or (s.referral_id = referral_snapshots.referral_id and s.standing = 'referred' and standing.shared(referral_snapshots.referral_id))) and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy written on referral_snapshots for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = referral_snapshots.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table referral_talk_keys enable row level security;
alter table referral_talk_keys force row level security;
create policy seen on referral_talk_keys for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = referral_talk_keys.case_id and (s.referral_id is null or (s.referral_id = referral_talk_keys.referral_id)) and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy written on referral_talk_keys for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = referral_talk_keys.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table referral_moves enable row level security;
alter table referral_moves force row level security;
create policy seen on referral_moves for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = referral_moves.case_id and (s.referral_id is null or (s.referral_id = referral_moves.referral_id)) and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy written on referral_moves for insert to binhan_app
  with check (by_user = (select auth.user_id()) and by_org = (select auth.org_id()) and exists (select 1 from case_standings s where s.case_id = referral_moves.case_id and (s.referral_id is null or (s.referral_id = referral_moves.referral_id)) and s.standing in ('assigned', 'addressee', 'referred') and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table idempotency enable row level security;
alter table idempotency force row level security;
create policy own on idempotency to binhan_app using (user_id = (select auth.user_id())) with check (user_id = (select auth.user_id()));

create constraint trigger cases_change_is_recorded after insert or update or delete on cases
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger case_keys_change_is_recorded after insert or update or delete on case_keys
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger survivors_change_is_recorded after insert or update or delete on survivors
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger incidents_change_is_recorded after insert or update or delete on incidents
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger consents_change_is_recorded after insert or update or delete on consents
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger evidence_change_is_recorded after insert or update or delete on evidence
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger referrals_change_is_recorded after insert or update or delete on referrals
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger referral_keys_change_is_recorded after insert or update or delete on referral_keys
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger referral_talk_keys_change_is_recorded after insert or update or delete on referral_talk_keys
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger referral_snapshots_change_is_recorded after insert or update or delete on referral_snapshots
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger referral_moves_change_is_recorded after insert or update or delete on referral_moves
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger case_standings_change_is_recorded after insert or update or delete on case_standings
  deferrable initially deferred for each row execute function audit.must_be_recorded();

-- ------------------------------------------------------------------ what each role may call

grant usage on schema public, auth, gate, standing, audit to binhan_app;
grant usage on schema auth to binhan_migrator;
grant usage on schema auth, gate, audit to binhan_releaser, binhan_statistics, binhan_auditor;
revoke execute on all functions in schema auth, gate, standing, audit from public;
grant execute on function auth.user_id(), auth.org_id(), auth.principals(), auth.whoami(text), auth.salt(text), auth.sign_in(text, bytea, text, text, integer, text),
  auth.end_session(text, text), auth.lock_session(text, boolean, text, bytea), auth.replayed(text, text), auth.staff(uuid[]) to binhan_app;
grant execute on function auth.command_session(text, text, integer) to binhan_migrator;
grant execute on function gate.standings() to binhan_app;
grant execute on function gate.enter(text, text, text, uuid), audit.add(text, text, uuid, uuid[], text[], text, text, text, bytea, text)
  to binhan_app, binhan_releaser, binhan_statistics, binhan_auditor;
grant execute on function auth.staff(uuid[]) to binhan_auditor;
grant execute on function audit.of_case(uuid, integer, bigint) to binhan_app;
grant execute on function standing.open_cases(uuid[]), standing.assign(uuid, uuid), standing.address(uuid), standing.forward(uuid, bytea), standing.accept(uuid), standing.shared(uuid),
  standing.end_referral(uuid, text), standing.legal_move(text, text) to binhan_app;

grant select on organisations, services to binhan_app;
grant select on my_cases, case_standings to binhan_app;
grant select, insert on cases, case_keys, survivors, incidents, consents, evidence, referrals, referral_keys, referral_talk_keys, referral_snapshots,
  referral_moves, idempotency to binhan_app;
grant update (status, risk, commune, received_on, updated_at, version, narrative) on cases to binhan_app;
grant update (identity, safety) on survivors to binhan_app;
grant update (occurred_on, precision, commune, narrative, identity) on incidents to binhan_app;
grant update (withdrawn_at) on consents to binhan_app;
grant update (status, taken_by, sent_at, acknowledged_at, accepted_at, ended_at, due_acknowledge, due_accept, due_first_contact, due_outcome, version)
  on referrals to binhan_app;

create view audit.trail as
  select e.id, e.at, e.actor, u.username, e.organisation, o.name as org_name, e.role, e.act, e.kind, e.subject, e.case_id, e.classes, e.decision,
         e.standing, e.reason, e.request
    from audit.entries e
    left join auth.users u on u.id = e.actor
    left join organisations o on o.id = e.organisation;
grant select on audit.trail to binhan_auditor;

comment on column organisations.id is 'public: random id';
comment on column organisations.code is 'public: short name for imports and settings';
comment on column organisations.name is 'public: as it signs today';
comment on column organisations.type is 'public: list agency_type';
comment on column organisations.province is 'public: province code';
comment on column organisations.commune is 'public: commune code in today''s borders';
comment on column organisations.address_hidden is 'operational: a place of refuge whose address is never shown';
comment on column organisations.predecessor is 'public: the office that did this work before';
comment on column organisations.valid_from is 'public: first day';
comment on column organisations.valid_to is 'public: first day on which it is no more';
comment on column services.id is 'public: random id';
comment on column services.organisation_id is 'public: who offers it';
comment on column services.type is 'public: list service_type';
comment on column services.communes is 'public: commune codes served, empty for all';
comment on column services.opens is 'public: opening time, empty when always';
comment on column services.closes is 'public: closing time';
comment on column services.capacity_today is 'operational: places left today, empty when not counted';
comment on column services.phone is 'public: duty phone';
comment on column auth.users.id is 'operational: random id';
comment on column auth.users.username is 'operational: sign-in name';
comment on column auth.users.name is 'personal: name of a member of staff';
comment on column auth.users.salt is 'secret: of the password hash';
comment on column auth.users.verifier is 'secret: SHA-256 of the key derived from the password';
comment on column auth.users.argon is 'operational: parameters of the derivation';
comment on column auth.users.created_at is 'operational: when';
comment on column auth.users.disabled_at is 'operational: when the account was closed';
comment on column auth.memberships.id is 'operational: random id';
comment on column auth.memberships.user_id is 'operational: who';
comment on column auth.memberships.organisation_id is 'operational: where';
comment on column auth.memberships.role is 'operational: list role';
comment on column auth.memberships.supervisor is 'operational: who supervises her';
comment on column auth.memberships.valid_from is 'operational: since';
comment on column auth.memberships.valid_to is 'operational: until';
comment on column auth.sessions.handle_hash is 'secret: SHA-256 of the handle';
comment on column auth.sessions.membership_id is 'operational: in which membership';
comment on column auth.sessions.user_id is 'operational: whose';
comment on column auth.sessions.organisation_id is 'operational: of which organisation';
comment on column auth.sessions.kind is 'operational: cookie, token or command';
comment on column auth.sessions.created_at is 'operational: opened';
comment on column auth.sessions.seen_at is 'operational: last used, to the minute';
comment on column auth.sessions.expires_at is 'operational: ends at the latest';
comment on column auth.sessions.locked_at is 'operational: screen locked since';
comment on column auth.sessions.wrong_unlocks is 'operational: wrong passwords at the lock; five end the session';
comment on column auth.sessions.ended_at is 'operational: ended';
comment on column cases.id is 'operational: random id';
comment on column cases.code is 'operational: spoken code, says nothing about anybody';
comment on column cases.scope is 'operational: province or imported register that counts it';
comment on column cases.province is 'operational: province code';
comment on column cases.status is 'operational: list case_status';
comment on column cases.risk is 'operational: list risk_level';
comment on column cases.commune is 'operational: commune code, in the borders of its date';
comment on column cases.area is 'operational: statistical area of an imported register, where the commune is not known';
comment on column cases.owner is 'operational: who holds it';
comment on column cases.organisation_id is 'operational: whose work it is';
comment on column cases.received_on is 'operational: day of the first contact';
comment on column cases.opened_at is 'operational: recorded at';
comment on column cases.updated_at is 'operational: last change';
comment on column cases.version is 'operational: for If-Match';
comment on column cases.narrative is 'secret: sealed, compartment narrative: intake, story, needs';
comment on column case_keys.case_id is 'operational: the case';
comment on column case_keys.identity is 'secret: wrapped data key';
comment on column case_keys.safety is 'secret: wrapped data key';
comment on column case_keys.narrative is 'secret: wrapped data key';
comment on column case_keys.evidence is 'secret: wrapped data key';
comment on column survivors.case_id is 'operational: the case';
comment on column survivors.identity is 'secret: sealed, compartment identity: who she is';
comment on column survivors.safety is 'secret: sealed, compartment safety: address and safe contact';
comment on column incidents.id is 'operational: random id';
comment on column incidents.case_id is 'operational: the case';
comment on column incidents.occurred_on is 'operational: first day of what is known of the date';
comment on column incidents.precision is 'operational: day, month, year or unknown';
comment on column incidents.commune is 'operational: commune code';
comment on column incidents.narrative is 'secret: sealed, compartment narrative: acts, relationship, place, description';
comment on column incidents.identity is 'secret: sealed, compartment identity: who did it';
comment on column incidents.recorded_at is 'operational: recorded at';
comment on column consents.id is 'operational: random id';
comment on column consents.case_id is 'operational: the case';
comment on column consents.purpose is 'operational: list consent_purpose';
comment on column consents.recipient_org is 'operational: the one organisation it is for';
comment on column consents.recipient_type is 'operational: or the type of organisation';
comment on column consents.fields is 'operational: field names it covers';
comment on column consents.decision is 'operational: list consent_decision';
comment on column consents.by_whom is 'operational: list consent_actor';
comment on column consents.method is 'operational: list consent_method';
comment on column consents.given_at is 'operational: when';
comment on column consents.expires_at is 'operational: until when';
comment on column consents.withdrawn_at is 'operational: taken back at';
comment on column consents.narrative is 'secret: sealed, compartment narrative: witness, reason of withdrawal';
comment on column evidence.id is 'operational: random id';
comment on column evidence.case_id is 'operational: the case';
comment on column evidence.object is 'operational: random key in the object store';
comment on column evidence.size is 'operational: bytes before sealing';
comment on column evidence.sealed_size is 'operational: bytes in the store';
comment on column evidence.details is 'secret: sealed, compartment evidence: name, description, type, hash';
comment on column evidence.added_by is 'operational: who';
comment on column evidence.added_at is 'operational: when';
comment on column referrals.id is 'operational: random id';
comment on column referrals.code is 'operational: spoken code';
comment on column referrals.case_id is 'operational: the case';
comment on column referrals.status is 'operational: list referral_status';
comment on column referrals.service is 'operational: list service_type';
comment on column referrals.priority is 'operational: list referral_priority';
comment on column referrals.from_org is 'operational: sender';
comment on column referrals.from_user is 'operational: who sent it';
comment on column referrals.to_org is 'operational: addressee';
comment on column referrals.taken_by is 'operational: who accepted';
comment on column referrals.forwarded_from is 'operational: the referral that was passed on';
comment on column referrals.commune is 'operational: envelope: commune code';
comment on column referrals.age_band is 'operational: envelope: list age_band';
comment on column referrals.needs is 'operational: envelope: list service_type';
comment on column referrals.fields is 'operational: names of the shared fields';
comment on column referrals.consent_id is 'operational: the consent it stands on';
comment on column referrals.legal_basis is 'operational: or the ground in law, list legal_basis';
comment on column referrals.created_at is 'operational: written';
comment on column referrals.sent_at is 'operational: sent';
comment on column referrals.acknowledged_at is 'operational: arrived';
comment on column referrals.accepted_at is 'operational: taken';
comment on column referrals.ended_at is 'operational: ended';
comment on column referrals.due_acknowledge is 'operational: answer due';
comment on column referrals.due_accept is 'operational: decision due';
comment on column referrals.due_first_contact is 'operational: first contact due';
comment on column referrals.due_outcome is 'operational: result due';
comment on column referrals.version is 'operational: counts moves';
comment on column referral_keys.referral_id is 'operational: the referral';
comment on column referral_keys.case_id is 'operational: the case';
comment on column referral_keys.made_for is 'operational: the referral for which it was made, before it was passed on';
comment on column referral_keys.disclosure is 'secret: wrapped data key of the snapshot';
comment on column referral_talk_keys.referral_id is 'operational: the referral';
comment on column referral_talk_keys.case_id is 'operational: the case';
comment on column referral_talk_keys.narrative is 'secret: wrapped data key of questions, answers and reasons';
comment on column referral_snapshots.referral_id is 'operational: the referral';
comment on column referral_snapshots.case_id is 'operational: the case';
comment on column referral_snapshots.made_for is 'operational: the referral for which it was taken, before it was passed on';
comment on column referral_snapshots.sealed is 'secret: sealed, compartment disclosure: exactly the shared fields';
comment on column referral_snapshots.taken_at is 'operational: when it was taken';
comment on column referral_moves.id is 'operational: random id';
comment on column referral_moves.referral_id is 'operational: the referral';
comment on column referral_moves.case_id is 'operational: the case';
comment on column referral_moves.move is 'operational: which move';
comment on column referral_moves.from_status is 'operational: before';
comment on column referral_moves.to_status is 'operational: after';
comment on column referral_moves.at is 'operational: when';
comment on column referral_moves.by_user is 'operational: who';
comment on column referral_moves.by_org is 'operational: for whom';
comment on column referral_moves.code is 'operational: coded reason or result';
comment on column referral_moves.sealed is 'secret: sealed under the talk key: question, answer, reason, note';
comment on column case_standings.id is 'operational: random id';
comment on column case_standings.case_id is 'operational: the case';
comment on column case_standings.referral_id is 'operational: limited to this referral';
comment on column case_standings.standing is 'operational: which';
comment on column case_standings.holder is 'operational: user or organisation';
comment on column case_standings.since is 'operational: since';
comment on column case_standings.until is 'operational: until';
comment on column case_standings.why is 'operational: coded reason';
comment on column case_standings.granted_by is 'operational: by whose act';
comment on column idempotency.user_id is 'operational: whose request';
comment on column idempotency.key is 'operational: her key';
comment on column idempotency.route is 'operational: which route';
comment on column idempotency.body is 'operational: SHA-256 of the body';
comment on column idempotency.status is 'operational: what was answered';
comment on column idempotency.location is 'operational: the resource to read again';
comment on column idempotency.at is 'operational: when';
comment on column audit.entries.id is 'operational: number';
comment on column audit.entries.at is 'operational: when, by the clock of the database';
comment on column audit.entries.xact is 'operational: transaction';
comment on column audit.entries.actor is 'operational: who';
comment on column audit.entries.organisation is 'operational: for whom';
comment on column audit.entries.role is 'operational: in which role';
comment on column audit.entries.session is 'operational: start of the hash of the session';
comment on column audit.entries.act is 'operational: what';
comment on column audit.entries.kind is 'operational: kind of the subject';
comment on column audit.entries.subject is 'operational: id of the subject';
comment on column audit.entries.case_id is 'operational: the case';
comment on column audit.entries.classes is 'operational: what was opened';
comment on column audit.entries.decision is 'operational: allowed or refused';
comment on column audit.entries.standing is 'operational: why she may';
comment on column audit.entries.reason is 'operational: coded reason';
comment on column audit.entries.note is 'secret: sealed reason in words';
comment on column audit.entries.request is 'operational: request id';

reset role;
-- +goose StatementEnd
