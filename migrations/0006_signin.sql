-- +goose Up
-- +goose StatementBegin

-- Signing in: who guesses is slowed without shutting out whom she guesses at; a second factor; proof of person in a running session; devices.
--
-- The rule of 0001 stays: a statement that slipped into the database cannot sign in as anybody. A password proves itself by the key derived from
-- it. The database cannot check a passkey's signature or a one-time code; the program does, and then brings the factor's secret, a mark that only
-- the key ring can make and of which the database keeps a hash. So whoever holds the database, or a statement in it, still lacks what opens a session.

set role binhan_owner;

alter table auth.users
  add column signed_in_at timestamptz,
  add column devices_seen_at timestamptz not null default now();
alter table auth.sessions
  add column id uuid not null default gen_random_uuid() constraint session_id_is_unique unique,
  add column device bytea,
  add column label text not null default '';

comment on column auth.users.signed_in_at is 'operational: last sign-in; an account that lies idle is closed by the clock';
comment on column auth.users.devices_seen_at is 'operational: when she last looked at the list of her devices';
comment on column auth.sessions.id is 'operational: random id, to end one of several';
comment on column auth.sessions.device is 'secret: SHA-256 of the cookie of the device';
comment on column auth.sessions.label is 'operational: kind of browser and system, of a short list';
comment on column auth.sessions.strength is 'operational: how she proved it: password, totp, passkey, oidc, recovery, command; enrolling may only add a factor';

-- A second factor: an app that counts (totp) or a key (passkey). What an app shares with us is sealed under a key of the ring that is wrapped for this user.
create table auth.factors (
  id uuid primary key,
  user_id uuid not null references auth.users (id),
  kind text not null,
  name text not null,
  verifier bytea not null,
  added_at timestamptz not null default now(),
  confirmed_at timestamptz,
  used_at timestamptz,
  removed_at timestamptz,
  wrapped bytea,
  sealed bytea,
  last_step bigint not null default 0,
  wrong integer not null default 0,
  credential bytea constraint credential_is_unique unique,
  public_key bytea,
  flags integer,
  sign_count bigint,
  aaguid bytea,
  transports text[] not null default '{}',
  constraint factor_is_of_a_known_kind check (kind in ('totp', 'passkey')),
  constraint factor_has_what_its_kind_needs check (case kind when 'totp' then num_nonnulls(wrapped, sealed) = 2 else num_nonnulls(credential, public_key, flags, sign_count) = 4 end)
);
create index factors_of_user on auth.factors (user_id) where removed_at is null;

create table auth.recovery_codes (
  user_id uuid not null references auth.users (id),
  hash bytea not null,
  made_at timestamptz not null default now(),
  used_at timestamptz,
  constraint recovery_code_stands_once primary key (user_id, hash)
);

create table auth.challenges (
  hash bytea primary key,
  purpose text not null,
  user_id uuid references auth.users (id),
  data bytea not null,
  expires_at timestamptz not null
);
create index challenges_by_end on auth.challenges (expires_at);

create table auth.devices (
  user_id uuid not null references auth.users (id),
  hash bytea not null,
  label text not null default '',
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  constraint device_is_known_once primary key (user_id, hash)
);

create table auth.buckets (
  key bytea primary key,
  kind text not null,
  user_id uuid references auth.users (id),
  taken integer not null,
  level integer not null default 0,
  streak integer not null default 0,
  until timestamptz not null,
  constraint bucket_is_of_a_known_kind check (kind in ('device', 'stranger', 'address', 'ceremony', 'everybody'))
);
create index buckets_of_user on auth.buckets (user_id) where user_id is not null;
create index buckets_by_end on auth.buckets (until);

-- What an administrator proposes and somebody of the organisation grants. Nothing of it holds before that.
create table auth.proposals (
  id uuid primary key,
  kind text not null,
  user_id uuid references auth.users (id),
  username text,
  name text,
  organisation_id uuid not null references organisations (id),
  role text,
  supervisor uuid references auth.users (id),
  proposed_by uuid not null references auth.users (id),
  proposed_at timestamptz not null default now(),
  decided_by uuid references auth.users (id),
  decided_at timestamptz,
  granted boolean,
  constraint proposal_is_of_a_known_kind check (kind in ('create', 'close', 'role')),
  constraint proposal_names_what_its_kind_needs check (case kind when 'create' then num_nonnulls(username, name, role) = 3 when 'role' then num_nonnulls(user_id, role) = 2 else user_id is not null end),
  constraint nobody_grants_what_she_proposed check (decided_by <> proposed_by or not granted),
  constraint nobody_grants_to_herself check (decided_by <> user_id or not granted or kind = 'create')
);
create unique index proposal_waits_once on auth.proposals (kind, coalesce(user_id::text, username)) where decided_at is null;

-- A code of one use with which somebody sets her own password: nobody chooses one for her.
create table auth.setup_codes (
  user_id uuid primary key references auth.users (id),
  hash bytea not null,
  made_by uuid not null references auth.users (id),
  made_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

comment on column auth.proposals.id is 'operational: random id';
comment on column auth.proposals.kind is 'operational: create, close or role';
comment on column auth.proposals.user_id is 'operational: about whom; for a new account whom it became';
comment on column auth.proposals.username is 'operational: sign-in name of a new account';
comment on column auth.proposals.name is 'personal: name of a member of staff';
comment on column auth.proposals.organisation_id is 'operational: in which organisation';
comment on column auth.proposals.role is 'operational: list role';
comment on column auth.proposals.supervisor is 'operational: who will supervise her';
comment on column auth.proposals.proposed_by is 'operational: by whom';
comment on column auth.proposals.proposed_at is 'operational: when';
comment on column auth.proposals.decided_by is 'operational: by whom it was decided';
comment on column auth.proposals.decided_at is 'operational: when';
comment on column auth.proposals.granted is 'operational: how';
comment on column auth.setup_codes.user_id is 'operational: whose';
comment on column auth.setup_codes.hash is 'secret: SHA-256 of the code';
comment on column auth.setup_codes.made_by is 'operational: by whom';
comment on column auth.setup_codes.made_at is 'operational: when';
comment on column auth.setup_codes.expires_at is 'operational: until when';
comment on column auth.setup_codes.used_at is 'operational: used up';
comment on column auth.factors.id is 'operational: random id';
comment on column auth.factors.user_id is 'operational: whose';
comment on column auth.factors.kind is 'operational: totp or passkey';
comment on column auth.factors.name is 'personal: how she calls it';
comment on column auth.factors.verifier is 'secret: SHA-256 of the mark that the key ring makes of its id';
comment on column auth.factors.added_at is 'operational: since';
comment on column auth.factors.confirmed_at is 'operational: first used';
comment on column auth.factors.used_at is 'operational: last used';
comment on column auth.factors.removed_at is 'operational: taken away';
comment on column auth.factors.wrapped is 'secret: wrapped data key';
comment on column auth.factors.sealed is 'secret: sealed: what the app shares with us';
comment on column auth.factors.last_step is 'operational: the last time step that was taken; none is taken twice';
comment on column auth.factors.wrong is 'operational: signs that a key was copied';
comment on column auth.factors.credential is 'secret: id of the key''s credential';
comment on column auth.factors.public_key is 'secret: the key''s public half, which opens nothing';
comment on column auth.factors.flags is 'operational: the flag byte as it was sent';
comment on column auth.factors.sign_count is 'operational: the key''s own counter';
comment on column auth.factors.aaguid is 'secret: the model of the key';
comment on column auth.factors.transports is 'operational: how a browser reaches it';
comment on column auth.recovery_codes.user_id is 'operational: whose';
comment on column auth.recovery_codes.hash is 'secret: SHA-256 of the code';
comment on column auth.recovery_codes.made_at is 'operational: since';
comment on column auth.recovery_codes.used_at is 'operational: used up';
comment on column auth.challenges.hash is 'secret: SHA-256 of the name of the ceremony';
comment on column auth.challenges.purpose is 'operational: what it may be used for';
comment on column auth.challenges.user_id is 'operational: for whom alone';
comment on column auth.challenges.data is 'secret: what was asked';
comment on column auth.challenges.expires_at is 'operational: until';
comment on column auth.devices.user_id is 'operational: whose';
comment on column auth.devices.hash is 'secret: SHA-256 of the cookie of the device';
comment on column auth.devices.label is 'operational: kind of browser and system, of a short list';
comment on column auth.devices.first_at is 'operational: first sign-in';
comment on column auth.devices.last_at is 'operational: last sign-in';
comment on column auth.buckets.key is 'secret: hash of who tries from where';
comment on column auth.buckets.kind is 'operational: what is counted';
comment on column auth.buckets.user_id is 'operational: whose account, where there is one';
comment on column auth.buckets.taken is 'operational: tries in this window';
comment on column auth.buckets.level is 'operational: how often the window was doubled';
comment on column auth.buckets.streak is 'operational: tries since the last that was right';
comment on column auth.buckets.until is 'operational: end of the window';

grant select, insert, update on auth.factors, auth.devices to binhan_keeper;
grant select, insert, update, delete on auth.recovery_codes, auth.challenges, auth.buckets to binhan_keeper;
grant delete on auth.devices to binhan_keeper;
grant select, insert, update on auth.proposals, auth.setup_codes to binhan_keeper;

set role binhan_keeper;

-- One line of the record about an account, made outside of an act's transaction or beside it.
create function auth.note(p_user uuid, p_handle text, p_act text, p_decision text, p_reason text, p_request text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into audit.entries (actor, organisation, role, session, act, kind, classes, decision, reason, request)
  select p_user, m.organisation_id, m.role, case when p_handle is not null then substr(sha256(convert_to(p_handle, 'UTF8')), 1, 8) end,
         p_act, 'session', '{}', p_decision, p_reason, p_request
    from (select 1) one
    left join lateral (select x.organisation_id, x.role from auth.memberships x
                        where x.user_id = p_user and x.valid_from <= now() and (x.valid_to is null or x.valid_to > now())
                        order by x.valid_from limit 1) m on true;
end $$;

-- A try is counted before it is judged, so that many at once are not one more than allowed; a right one is given back. Answers the seconds to wait, 0 to go on,
-- -1 when only a second person can open again. Windows double while every one of them is used up, to at most p_longest.
create function auth.take(p_key bytea, p_kind text, p_user uuid, p_limit integer, p_window integer, p_longest integer, p_stop integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare b record; n integer; fresh boolean;
begin
  insert into auth.buckets (key, kind, user_id, taken, streak, until) values (p_key, p_kind, p_user, 0, 0, now() + make_interval(secs => p_window))
  on conflict do nothing;
  select * into b from auth.buckets x where x.key = p_key for update;
  if p_stop > 0 and b.streak >= p_stop then
    return -1;
  end if;
  fresh := b.until <= clock_timestamp();
  if not fresh and b.taken >= p_limit then
    return greatest(1, ceil(extract(epoch from b.until - clock_timestamp())))::integer;
  end if;
  n := case when not fresh then b.level when b.taken >= p_limit and b.until > clock_timestamp() - interval '1 day' then least(b.level + 1, 12) else 0 end;
  update auth.buckets x
     set taken = case when fresh then 1 else x.taken + 1 end, level = n, streak = x.streak + 1,
         until = case when fresh then clock_timestamp() + make_interval(secs => least(p_window * (1 << n), greatest(p_longest, p_window))) else x.until end
   where x.key = p_key;
  return 0;
end $$;

create function auth.bucket(p_kind text, p_a text, p_b bytea) returns bytea language sql immutable as $$
  select sha256(convert_to(p_kind || '/' || coalesce(p_a, '') || '/', 'UTF8') || coalesce(p_b, ''))
$$;

-- What a sign-in needs before a password can be judged, unless whoever asks must wait. A device that she used before has a count of its own, so that
-- nobody's guessing elsewhere shuts her out. Nothing here tells whether the account exists: unknown names are counted the same, and the caller makes up a salt.
create function auth.attempt(p_username text, p_device bytea, p_address text, p_rules jsonb, p_request text)
returns table (salt bytea, argon text, known boolean, wait integer, alarm boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare u record; w integer; over boolean := false; is_known boolean; which text;
begin
  select x.id, x.salt, x.argon into u from auth.users x where x.username = p_username and x.disabled_at is null;
  is_known := u.id is not null and p_device is not null and exists (select 1 from auth.devices d where d.user_id = u.id and d.hash = p_device);
  if is_known then
    which := 'device';
    w := auth.take(auth.bucket('device', p_username, p_device), 'device', u.id, (p_rules->>'device')::integer, 60, 900, (p_rules->>'stop')::integer);
  else
    which := 'stranger';
    w := auth.take(auth.bucket('stranger', p_username, null), 'stranger', u.id, (p_rules->>'stranger')::integer, 3600, 3600, (p_rules->>'stop')::integer);
    if w = 0 then
      which := 'address';
      w := auth.take(auth.bucket('address', p_address, null), 'address', null, (p_rules->>'address')::integer, 3600, 3600, 0);
    end if;
    if w = 0 then -- an alarm and no wall: a wall here would shut out everybody's new devices
      over := auth.take(auth.bucket('everybody', '', null), 'everybody', null, (p_rules->>'everybody')::integer, 60, 60, 0) > 0;
    end if;
  end if;
  if w <> 0 then
    perform auth.note(u.id, null, 'session.open', 'refused', case when w < 0 then 'stopped' else 'too_many_' || which end, p_request);
  end if;
  delete from auth.buckets b where b.key in (select x.key from auth.buckets x where x.until < now() - interval '2 days' and (x.streak = 0 or x.until < now() - interval '90 days') limit 20 for update skip locked);
  return query select case when w = 0 then u.salt end, case when w = 0 then u.argon end, is_known, w, over;
end $$;

-- A try that was right costs nothing.
create function auth.give_back(p_username text, p_device bytea, p_address text, p_known boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if p_known then
    delete from auth.buckets b where b.key = auth.bucket('device', p_username, p_device);
    return;
  end if;
  update auth.buckets b set taken = greatest(b.taken - 1, 0), streak = 0 where b.key = auth.bucket('stranger', p_username, null);
  update auth.buckets b set taken = greatest(b.taken - 1, 0), streak = 0 where b.key = auth.bucket('address', p_address, null);
end $$;

-- The apps that count of whoever brings the right password: what they share with us, sealed.
create function auth.codes_of(p_username text, p_derived bytea) returns table (user_id uuid, id uuid, wrapped bytea, sealed bytea, last_step bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.id, f.id, f.wrapped, f.sealed, f.last_step
    from auth.users u join auth.factors f on f.user_id = u.id and f.kind = 'totp' and f.confirmed_at is not null and f.removed_at is null
   where u.username = p_username and u.disabled_at is null and u.verifier = sha256(p_derived)
   order by f.added_at
$$;

-- Uses a factor once: its secret must fit, a code's time step must be later than the last one taken, a key's counter must have moved on.
create function auth.use_factor(p_user uuid, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare f record;
begin
  select * into f from auth.factors x where x.id = p_factor and x.user_id = p_user and x.removed_at is null and x.confirmed_at is not null for update;
  if f.id is null or p_secret is null or f.verifier <> sha256(p_secret) then
    return null;
  end if;
  if f.kind = 'totp' then
    if p_step is null or p_step <= f.last_step then
      return null;
    end if;
    update auth.factors x set last_step = p_step, used_at = now() where x.id = f.id;
    return 'totp';
  end if;
  if p_count is null or (p_count <= f.sign_count and (p_count > 0 or f.sign_count > 0)) then -- a copy of the key is about, or this is one
    update auth.factors x set wrong = x.wrong + 1 where x.id = f.id;
    return 'copied';
  end if;
  update auth.factors x set sign_count = p_count, flags = p_flags, used_at = now() where x.id = f.id;
  return 'passkey';
end $$;

-- Opens a session. outcome: ok; second (the password is right, the second factor is missing); wrong (anything else, on the record with its reason).
create function auth.open_session(p_username text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea,
                                  p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text)
returns table (outcome text, user_id uuid, ended integer, new_device boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record; used text; how text; is_known boolean; over integer := 0; n integer; first boolean;
begin
  select u.id, m.id as membership, m.organisation_id, m.role, u.verifier, u.signed_in_at, u.created_at into who
    from auth.users u
    join auth.memberships m on m.user_id = u.id and m.valid_from <= now() and (m.valid_to is null or m.valid_to > now())
   where u.username = p_username and u.disabled_at is null
   order by m.valid_from
   limit 1;
  if who.id is not null and (p_rules->>'idle_days')::integer > 0
     and coalesce(who.signed_in_at, who.created_at) < now() - make_interval(days => (p_rules->>'idle_days')::integer) then
    perform auth.note(who.id, null, 'session.open', 'refused', 'idle_account', p_request);
    return query select 'wrong', null::uuid, 0, false;
    return;
  end if;
  if who.id is null or p_kind not in ('cookie', 'token') or (p_derived is not null and who.verifier <> sha256(p_derived)) or (p_derived is null and p_factor is null) then
    perform auth.note(who.id, null, 'session.open', 'refused', null, p_request);
    return query select 'wrong', null::uuid, 0, false;
    return;
  end if;
  if p_factor is not null then
    used := auth.use_factor(who.id, p_factor, p_secret, p_step, p_count, p_flags);
    if used is null or used = 'copied' or (used = 'totp' and p_derived is null) then
      perform auth.note(who.id, null, 'session.open', 'refused', coalesce(case when used = 'copied' then 'key_copied' end, 'second_factor'), p_request);
      return query select 'wrong', null::uuid, 0, false;
      return;
    end if;
    how := used;
  elsif p_recovery is not null then
    update auth.recovery_codes c set used_at = now() where c.user_id = who.id and c.hash = sha256(p_recovery) and c.used_at is null;
    if not found then
      perform auth.note(who.id, null, 'session.open', 'refused', 'second_factor', p_request);
      return query select 'wrong', null::uuid, 0, false;
      return;
    end if;
    how := 'recovery';
  elsif exists (select 1 from auth.factors f where f.user_id = who.id and f.confirmed_at is not null and f.removed_at is null) then
    perform auth.note(who.id, null, 'session.open', 'refused', 'second_factor_missing', p_request);
    return query select 'second', null::uuid, 0, false;
    return;
  else
    how := case when (p_rules->>'demand')::boolean then 'enrolling' else 'password' end;
  end if;
  is_known := p_device is not null and exists (select 1 from auth.devices d where d.user_id = who.id and d.hash = p_device);
  if p_derived is not null then
    perform auth.give_back(p_username, p_device, p_address, is_known);
  end if;
  first := not exists (select 1 from auth.devices d where d.user_id = who.id);
  if p_device is not null then
    insert into auth.devices (user_id, hash, label) values (who.id, p_device, p_label)
    on conflict on constraint device_is_known_once do update set last_at = now(), label = excluded.label;
    -- One session a device; whoever sits there now has signed in anew.
    update auth.sessions s set ended_at = now() where s.user_id = who.id and s.device = p_device and s.ended_at is null;
  end if;
  if first or how = 'recovery' and is_known then
    update auth.users u set devices_seen_at = now() where u.id = who.id;
  end if;
  -- So many at once and no more: the one that was not used for longest ends.
  select count(*) into n from auth.sessions s where s.user_id = who.id and s.kind in ('cookie', 'token') and s.ended_at is null and s.expires_at > now() and s.seen_at > now() - interval '15 minutes';
  if n >= (p_rules->>'sessions')::integer then
    update auth.sessions s set ended_at = now()
     where s.handle_hash in (select x.handle_hash from auth.sessions x
                              where x.user_id = who.id and x.kind in ('cookie', 'token') and x.ended_at is null and x.expires_at > now() and x.seen_at > now() - interval '15 minutes'
                              order by x.seen_at, x.created_at limit n - (p_rules->>'sessions')::integer + 1);
    get diagnostics over = row_count;
  end if;
  insert into auth.sessions (handle_hash, membership_id, user_id, organisation_id, kind, expires_at, strength, device, label)
  values (sha256(convert_to(p_handle, 'UTF8')), who.membership, who.id, who.organisation_id, p_kind, now() + make_interval(hours => least(p_hours, 10)), how, p_device, p_label);
  update auth.users u set signed_in_at = now() where u.id = who.id;
  perform auth.note(who.id, p_handle, 'session.open', 'allowed', how, p_request);
  return query select 'ok', who.id, over, not first and not is_known and p_device is not null;
end $$;

-- The door of the version before: a password alone, and so nobody who has a second factor.
create or replace function auth.sign_in(p_username text, p_derived bytea, p_handle text, p_kind text, p_hours integer, p_request text) returns uuid
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select o.user_id from auth.open_session(p_username, p_derived, null, null, null, null, null, null, p_handle, p_kind, p_hours, null, '', '',
    '{"demand": false, "sessions": 1000, "idle_days": 45}', p_request) o where p_derived is not null
$$;

-- Proves again who sits before a running session, and gives the session a new name where one is brought (a cookie's: nobody may have planted or kept it).
-- Outcome: ok, second (a code is missing), wrong, gone. Five wrong ones end the session.
create function auth.prove(p_handle text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_new text, p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare h bytea := sha256(convert_to(p_handle, 'UTF8')); s record; used text; how text; has boolean;
begin
  select x.user_id, x.strength, x.wrong_unlocks, u.verifier into s
    from auth.sessions x join auth.users u on u.id = x.user_id
   where x.handle_hash = h and x.ended_at is null and x.locked_at is null and x.expires_at > now() and u.disabled_at is null
     and (x.kind = 'command' or x.seen_at > now() - interval '15 minutes')
     for update of x;
  if s.user_id is null then
    return 'gone';
  end if;
  has := exists (select 1 from auth.factors f where f.user_id = s.user_id and f.confirmed_at is not null and f.removed_at is null);
  if p_derived is not null and s.verifier = sha256(p_derived) then
    if not has then
      how := s.strength; -- it was enough to sign in by
    elsif p_factor is null then
      return 'second';
    end if;
  end if;
  if how is null and p_factor is not null then
    used := auth.use_factor(s.user_id, p_factor, p_secret, p_step, p_count, p_flags);
    if used = 'passkey' or (used = 'totp' and p_derived is not null and s.verifier = sha256(p_derived)) then
      how := used;
    end if;
  end if;
  if how is null then
    update auth.sessions x set wrong_unlocks = x.wrong_unlocks + 1, ended_at = case when x.wrong_unlocks >= 4 then now() end where x.handle_hash = h;
    perform auth.note(s.user_id, p_handle, 'session.prove', 'refused', case when used = 'copied' then 'key_copied' end, p_request);
    return 'wrong';
  end if;
  update auth.sessions x set proved_at = now(), seen_at = now(), strength = how, wrong_unlocks = 0,
         handle_hash = case when p_new is null then x.handle_hash else sha256(convert_to(p_new, 'UTF8')) end
   where x.handle_hash = h;
  perform auth.note(s.user_id, coalesce(p_new, p_handle), 'session.prove', 'allowed', how, p_request);
  return 'ok';
end $$;

-- What a ceremony with a key was begun with; it is given out once, within five minutes, for its purpose and its user alone.
create function auth.challenge(p_name text, p_purpose text, p_user uuid, p_data bytea, p_address text, p_rules jsonb) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare w integer := 0;
begin
  if p_user is null then
    w := auth.take(auth.bucket('ceremony', p_address, null), 'ceremony', null, (p_rules->>'ceremonies')::integer, 3600, 3600, 0);
  end if;
  if w = 0 then
    delete from auth.challenges c where c.hash in (select x.hash from auth.challenges x where x.expires_at < now() limit 50 for update skip locked);
    insert into auth.challenges (hash, purpose, user_id, data, expires_at) values (sha256(convert_to(p_name, 'UTF8')), p_purpose, p_user, p_data, now() + interval '5 minutes');
  end if;
  return w;
end $$;

create function auth.take_challenge(p_name text, p_purpose text, p_user uuid) returns bytea
language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from auth.challenges c
   where c.hash = sha256(convert_to(p_name, 'UTF8')) and c.purpose = p_purpose and c.user_id is not distinct from p_user and c.expires_at > clock_timestamp()
  returning c.data
$$;

-- The key behind a credential, for whoever is about to show that she holds it.
create function auth.key_of(p_credential bytea) returns table (id uuid, user_id uuid, username text, credential bytea, public_key bytea, flags integer, sign_count bigint, aaguid bytea, transports text[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select f.id, u.id, u.username, f.credential, f.public_key, f.flags, f.sign_count, f.aaguid, f.transports
    from auth.factors f join auth.users u on u.id = f.user_id
   where f.credential = p_credential and f.kind = 'passkey' and f.confirmed_at is not null and f.removed_at is null and u.disabled_at is null
$$;

-- The same password, derived with stronger parameters, by the session that it has opened within the last minute.
create function auth.rehash(p_handle text, p_salt bytea, p_verifier bytea, p_argon text) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  update auth.users u set salt = p_salt, verifier = p_verifier, argon = p_argon
    from auth.sessions s
   where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.kind in ('cookie', 'token')
     and s.created_at > now() - interval '1 minute' and u.id = s.user_id
$$;

create function auth.keys_of(p_handle text) returns table (id uuid, user_id uuid, username text, credential bytea, public_key bytea, flags integer, sign_count bigint, aaguid bytea, transports text[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select f.id, u.id, u.username, f.credential, f.public_key, f.flags, f.sign_count, f.aaguid, f.transports
    from auth.sessions s join auth.users u on u.id = s.user_id
    join auth.factors f on f.user_id = u.id and f.kind = 'passkey' and f.confirmed_at is not null and f.removed_at is null
   where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.expires_at > now() and u.disabled_at is null
$$;

-- Everything about the session that a request begins with; touches the idle clock at most once a minute.
drop function auth.whoami(text);
create function auth.whoami(p_handle text)
returns table (user_id uuid, username text, name text, role text, organisation uuid, org_name text, org_type text, org_commune text, province text,
               expires_at timestamptz, locked boolean, strength text, frozen boolean, new_device boolean, kind text, factors integer)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare h bytea := sha256(convert_to(p_handle, 'UTF8'));
begin
  update auth.sessions s set seen_at = now()
   where s.handle_hash = h and s.ended_at is null and s.seen_at < now() - interval '1 minute' and s.seen_at > now() - interval '15 minutes';
  return query
    select u.id, u.username, u.name, m.role, o.id, o.name, o.type, coalesce(o.commune, ''), o.province, s.expires_at, s.locked_at is not null,
           s.strength, u.frozen_at is not null,
           exists (select 1 from auth.devices d where d.user_id = u.id and d.first_at > u.devices_seen_at and d.hash is distinct from s.device), s.kind,
           (select count(*)::integer from auth.factors f where f.user_id = u.id and f.confirmed_at is not null and f.removed_at is null)
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

-- The session behind app.sid, if it may act this very moment: not ended, locked or idle, its account and membership live, its rights not resting. Whoever has
-- yet to add her second factor, or waits for somebody to confirm who she is, is nobody to every policy and every definer function of the field.
create function auth.live() returns table (user_id uuid, organisation_id uuid) language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select s.user_id, s.organisation_id from auth.sessions s
     where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
       and s.ended_at is null
       and s.locked_at is null
       and s.expires_at > now()
       and s.strength <> 'enrolling'
       and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
       and exists (select 1 from auth.memberships m join auth.users u on u.id = m.user_id
                    where m.id = s.membership_id and u.disabled_at is null and u.frozen_at is null and (m.valid_to is null or m.valid_to > now()));
end $$;

create or replace function auth.user_id() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select l.user_id from auth.live() l);
end $$;

create or replace function auth.org_id() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select l.organisation_id from auth.live() l);
end $$;

create or replace function auth.principals() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select array[l.user_id, l.organisation_id] from auth.live() l);
end $$;

-- A session for a program on the host: only the operator's role may make one.
create or replace function auth.command_session(p_username text, p_handle text, p_hours integer) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record;
begin
  select u.id, m.id as membership, m.organisation_id into who
    from auth.users u
    join auth.memberships m on m.user_id = u.id and m.valid_from <= now() and (m.valid_to is null or m.valid_to > now())
   where u.username = p_username and u.disabled_at is null
   order by m.valid_from limit 1;
  if who.id is null then
    return null;
  end if;
  insert into auth.sessions (handle_hash, membership_id, user_id, organisation_id, kind, expires_at, strength)
  values (sha256(convert_to(p_handle, 'UTF8')), who.membership, who.id, who.organisation_id, 'command', now() + make_interval(hours => p_hours), 'command');
  perform auth.note(who.id, p_handle, 'session.command', 'allowed', null, null);
  return who.id;
end $$;

-- ------------------------------------------------------------------ her own account

-- Who keeps her own account: the session behind app.sid, also while her rights rest.
create function auth.self() returns table (user_id uuid, organisation_id uuid, role text, hash bytea, strength text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.user_id, s.organisation_id, m.role, s.handle_hash, s.strength
    from auth.sessions s join auth.users u on u.id = s.user_id join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
     and s.ended_at is null and s.locked_at is null and s.expires_at > now() and u.disabled_at is null
     and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
     and (m.valid_to is null or m.valid_to > now())
$$;

create function auth.my_sessions() returns table (id uuid, label text, kind text, created_at timestamptz, seen_at timestamptz, current boolean, fresh boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.id, s.label, s.kind, s.created_at, s.seen_at, s.handle_hash = me.hash, coalesce(d.first_at > u.devices_seen_at and s.handle_hash <> me.hash, false)
    from auth.self() me
    join auth.users u on u.id = me.user_id
    join auth.sessions s on s.user_id = me.user_id
    left join auth.devices d on d.user_id = me.user_id and d.hash = s.device
   where s.ended_at is null and s.expires_at > now() and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
   order by s.handle_hash = me.hash desc, s.seen_at desc
   limit 100
$$;

create function auth.my_devices() returns table (label text, first_at timestamptz, last_at timestamptz, current boolean, fresh boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.label, d.first_at, d.last_at, coalesce(d.hash = s.device, false), d.first_at > u.devices_seen_at and d.hash is distinct from s.device
    from auth.self() me
    join auth.users u on u.id = me.user_id
    join auth.sessions s on s.handle_hash = me.hash
    join auth.devices d on d.user_id = me.user_id
   order by d.last_at desc
   limit 50
$$;

create function auth.my_factors() returns table (id uuid, kind text, name text, added_at timestamptz, used_at timestamptz, confirmed boolean, wrapped bytea, sealed bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select f.id, f.kind, f.name, f.added_at, f.used_at, f.confirmed_at is not null, case when f.confirmed_at is null then f.wrapped end, case when f.confirmed_at is null then f.sealed end
    from auth.self() me join auth.factors f on f.user_id = me.user_id and f.removed_at is null
   order by f.added_at
$$;

create function auth.my_codes() returns integer
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(c.hash)::integer from auth.self() me left join auth.recovery_codes c on c.user_id = me.user_id and c.used_at is null
$$;

create function auth.end_one_of_mine(p_id uuid) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare n integer;
begin
  update auth.sessions s set ended_at = now() from auth.self() me where s.user_id = me.user_id and s.id = p_id and s.ended_at is null;
  get diagnostics n = row_count;
  return n;
end $$;

-- Every session of hers but this one; with p_forget her devices are unknown again too.
create function auth.end_others_of_mine(p_forget boolean) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare n integer; me record;
begin
  select * into me from auth.self();
  update auth.sessions s set ended_at = now() where s.user_id = me.user_id and s.handle_hash <> me.hash and s.ended_at is null;
  get diagnostics n = row_count;
  if p_forget then
    delete from auth.devices d where d.user_id = me.user_id and d.hash is distinct from (select s.device from auth.sessions s where s.handle_hash = me.hash);
  end if;
  return n;
end $$;

create function auth.saw_my_devices() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  update auth.users u set devices_seen_at = now() from auth.self() me where u.id = me.user_id
$$;

create function auth.set_my_password(p_salt bytea, p_verifier bytea, p_argon text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update auth.users u set salt = p_salt, verifier = p_verifier, argon = p_argon from auth.self() me where u.id = me.user_id;
  if not found then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  perform auth.end_others_of_mine(true);
end $$;

-- A factor counts once it was shown; until then it is only offered. Of one kind and person at most one is offered.
create function auth.offer_code(p_id uuid, p_name text, p_wrapped bytea, p_sealed bytea, p_verifier bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me record;
begin
  select * into me from auth.self();
  update auth.factors f set removed_at = now() where f.user_id = me.user_id and f.kind = 'totp' and f.confirmed_at is null and f.removed_at is null;
  insert into auth.factors (id, user_id, kind, name, wrapped, sealed, verifier) values (p_id, me.user_id, 'totp', p_name, p_wrapped, p_sealed, p_verifier);
end $$;

create function auth.confirm_code(p_id uuid, p_secret bytea, p_step bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me record;
begin
  select * into me from auth.self();
  update auth.factors f set confirmed_at = now(), used_at = now(), last_step = p_step
   where f.id = p_id and f.user_id = me.user_id and f.kind = 'totp' and f.confirmed_at is null and f.removed_at is null and f.verifier = sha256(p_secret) and f.added_at > now() - interval '1 hour';
  if not found then
    return false;
  end if;
  update auth.sessions s set strength = 'totp', proved_at = now() where s.handle_hash = me.hash and s.strength in ('enrolling', 'password');
  return true;
end $$;

create function auth.add_key(p_id uuid, p_name text, p_credential bytea, p_public bytea, p_flags integer, p_count bigint, p_aaguid bytea, p_transports text[], p_verifier bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me record;
begin
  select * into me from auth.self();
  insert into auth.factors (id, user_id, kind, name, credential, public_key, flags, sign_count, aaguid, transports, verifier, confirmed_at)
  values (p_id, me.user_id, 'passkey', p_name, p_credential, p_public, p_flags, p_count, p_aaguid, p_transports, p_verifier, now());
  update auth.sessions s set strength = 'passkey', proved_at = now() where s.handle_hash = me.hash and s.strength in ('enrolling', 'password');
end $$;

create function auth.name_factor(p_id uuid, p_name text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update auth.factors f set name = p_name from auth.self() me where f.id = p_id and f.user_id = me.user_id and f.removed_at is null;
  return found;
end $$;

-- The last one stays: without it her account would be worth a password.
create function auth.remove_factor(p_id uuid) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me record;
begin
  select * into me from auth.self();
  perform 1 from auth.users u where u.id = me.user_id for update; -- two removals at once must not each see the other's factor
  if not exists (select 1 from auth.factors f where f.id = p_id and f.user_id = me.user_id and f.removed_at is null) then
    return 'none';
  end if;
  if not exists (select 1 from auth.factors f where f.id <> p_id and f.user_id = me.user_id and f.confirmed_at is not null and f.removed_at is null) then
    return 'last';
  end if;
  update auth.factors f set removed_at = now(), wrapped = case when f.kind = 'totp' then '' end, sealed = case when f.kind = 'totp' then '' end where f.id = p_id;
  return 'ok';
end $$;

create function auth.renew_codes(p_hashes bytea[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me record;
begin
  select * into me from auth.self();
  delete from auth.recovery_codes c where c.user_id = me.user_id;
  insert into auth.recovery_codes (user_id, hash) select me.user_id, h from unnest(p_hashes) h;
end $$;

-- ------------------------------------------------------------------ other people's accounts: always two persons

-- The second person: somebody who answers for people in that organisation; where nobody else does, another administrator. Never the first one, never she herself.
create function auth.is_second(p_first uuid, p_about uuid, p_org uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select me.user_id <> p_first and me.user_id is distinct from p_about and (
           (me.role in ('SUPERVISOR', 'STAT_APPROVER') and me.organisation_id = p_org)
           or (me.role = 'SYS_ADMIN' and not exists (
                select 1 from auth.memberships m join auth.users u on u.id = m.user_id
                 where m.organisation_id = p_org and m.role in ('SUPERVISOR', 'STAT_APPROVER') and m.user_id is distinct from p_about and m.user_id <> p_first
                   and m.valid_from <= now() and (m.valid_to is null or m.valid_to > now()) and u.disabled_at is null and u.frozen_at is null)))
    from auth.self() me join auth.live() l on l.user_id = me.user_id), false)
$$;

create function auth.is_admin() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from auth.self() me join auth.live() l on l.user_id = me.user_id where me.role = 'SYS_ADMIN')
$$;

create function auth.people(p_id uuid)
returns table (id uuid, username text, name text, org_name text, organisation uuid, role text, supervisor text, closed boolean, frozen boolean, waits_for_code boolean, code_used boolean,
               stopped boolean, signed_in_at timestamptz, factors integer, may_confirm boolean, may_release boolean, me boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.id, u.username, u.name, o.name, o.id, m.role, b.name, u.disabled_at is not null, u.frozen_at is not null,
         coalesce(c.used_at is null and c.expires_at > now(), false), c.used_at is not null,
         exists (select 1 from auth.buckets k where k.user_id = u.id and k.streak >= 100), u.signed_in_at,
         (select count(*)::integer from auth.factors f where f.user_id = u.id and f.confirmed_at is not null and f.removed_at is null),
         u.frozen_at is not null and c.used_at is not null and (me.user_id = m.supervisor and me.user_id <> c.made_by or (m.supervisor is null or m.supervisor = c.made_by) and auth.is_second(c.made_by, u.id, o.id)),
         u.id <> me.user_id and (me.role = 'SYS_ADMIN' or me.user_id = m.supervisor or auth.is_second(u.id, u.id, o.id)),
         u.id = me.user_id
    from auth.self() me
    join auth.live() l on l.user_id = me.user_id
    join auth.users u on p_id is null or u.id = p_id
    join lateral (select x.organisation_id, x.role, x.supervisor from auth.memberships x where x.user_id = u.id
                   order by x.valid_to is null or x.valid_to > now() desc, x.valid_from desc limit 1) m on true
    join public.organisations o on o.id = m.organisation_id
    left join auth.users b on b.id = m.supervisor
    left join auth.setup_codes c on c.user_id = u.id
   where me.role = 'SYS_ADMIN' or o.id = me.organisation_id and me.role in ('SUPERVISOR', 'STAT_APPROVER') or m.supervisor = me.user_id
   order by u.disabled_at is not null, o.name, u.username
   limit 1000
$$;

create function auth.pending()
returns table (id uuid, kind text, user_id uuid, username text, name text, org_name text, role text, supervisor text, proposed_by text, proposed_at timestamptz, may_decide boolean, mine boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.id, p.kind, p.user_id, coalesce(p.username, u.username), coalesce(p.name, u.name), o.name, p.role, b.name, w.name, p.proposed_at,
         auth.is_second(p.proposed_by, p.user_id, p.organisation_id), p.proposed_by = me.user_id
    from auth.self() me
    join auth.live() l on l.user_id = me.user_id
    join auth.proposals p on p.decided_at is null and p.proposed_at > now() - interval '14 days'
    join public.organisations o on o.id = p.organisation_id
    join auth.users w on w.id = p.proposed_by
    left join auth.users u on u.id = p.user_id
    left join auth.users b on b.id = p.supervisor
   where me.role = 'SYS_ADMIN' or auth.is_second(p.proposed_by, p.user_id, p.organisation_id)
   order by p.proposed_at
   limit 500
$$;

create function auth.propose(p_id uuid, p_kind text, p_user uuid, p_username text, p_name text, p_org uuid, p_role text, p_supervisor uuid) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); org uuid := p_org;
begin
  if not auth.is_admin() or p_user = me then
    raise exception 'not hers to propose' using errcode = 'BA403';
  end if;
  update auth.proposals p set decided_at = now(), granted = false where p.decided_at is null and p.proposed_at <= now() - interval '14 days';
  if p_kind <> 'create' then
    select m.organisation_id into org from auth.memberships m join auth.users u on u.id = m.user_id
     where m.user_id = p_user and u.disabled_at is null and (m.valid_to is null or m.valid_to > now()) order by m.valid_from limit 1;
  elsif exists (select 1 from auth.users u where u.username = p_username) then
    return 'username_taken';
  end if;
  if org is null or not exists (select 1 from public.organisations o where o.id = org) then
    raise exception 'no such person' using errcode = 'BA403';
  end if;
  if p_supervisor is not null and not exists (select 1 from auth.memberships m where m.user_id = p_supervisor and (m.valid_to is null or m.valid_to > now()) and m.user_id is distinct from p_user) then
    return 'no_such_supervisor';
  end if;
  if exists (select 1 from auth.proposals p where p.decided_at is null and p.kind = p_kind and (p.user_id = p_user or p.username = p_username)) then
    return 'proposed_already';
  end if;
  insert into auth.proposals (id, kind, user_id, username, name, organisation_id, role, supervisor, proposed_by)
  values (p_id, p_kind, p_user, p_username, p_name, org, p_role, p_supervisor, me);
  return 'ok';
end $$;

-- Decides a proposal. A new account comes without a password: p_code is the hash of a code with which she sets her own, and her rights do not rest, since somebody
-- of her organisation has just said who she is and hands the code over.
create function auth.decide(p_id uuid, p_grant boolean, p_code bytea, p_hours integer) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); p record; who uuid;
begin
  select * into p from auth.proposals x where x.id = p_id for update;
  if p.id is null or p.decided_at is not null or p.proposed_at <= now() - interval '14 days' then
    raise exception 'no such proposal' using errcode = 'BA403';
  end if;
  if not auth.is_second(p.proposed_by, p.user_id, p.organisation_id) and (p_grant or p.proposed_by is distinct from me) then -- whoever proposed may take it back
    raise exception 'not hers to decide' using errcode = 'BA403';
  end if;
  who := p.user_id;
  if p_grant and p.kind = 'create' then
    if exists (select 1 from auth.users u where u.username = p.username) then
      return 'username_taken';
    end if;
    who := gen_random_uuid();
    insert into auth.users (id, username, name, salt, verifier, argon)
    values (who, p.username, p.name, sha256(who::text::bytea), sha256(gen_random_uuid()::text::bytea || gen_random_uuid()::text::bytea), 'm=65536,t=3,p=1');
    insert into auth.memberships (id, user_id, organisation_id, role, supervisor) values (gen_random_uuid(), who, p.organisation_id, p.role, p.supervisor);
    insert into auth.setup_codes (user_id, hash, made_by, expires_at) values (who, p_code, me, now() + make_interval(hours => p_hours));
  elsif p_grant and p.kind = 'role' then
    update auth.memberships m set valid_to = now() where m.user_id = who and (m.valid_to is null or m.valid_to > now()) and m.valid_from < now();
    insert into auth.memberships (id, user_id, organisation_id, role, supervisor) values (gen_random_uuid(), who, p.organisation_id, p.role, p.supervisor);
    update auth.sessions s set ended_at = now() where s.user_id = who and s.ended_at is null;
  elsif p_grant then
    update auth.users u set disabled_at = now() where u.id = who and u.disabled_at is null;
    update auth.memberships m set valid_to = now() where m.user_id = who and (m.valid_to is null or m.valid_to > now()) and m.valid_from < now();
    update auth.sessions s set ended_at = now() where s.user_id = who and s.ended_at is null;
  end if;
  update auth.proposals x set decided_by = me, decided_at = now(), granted = p_grant, user_id = who where x.id = p_id;
  return 'ok';
end $$;

-- An administrator starts a reset and never chooses a password: what she had is worth nothing any more, a code of one use lets her set a new one, and her
-- rights rest until a second person has confirmed who she is.
create function auth.start_reset(p_user uuid, p_code bytea, p_hours integer) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id();
begin
  if not auth.is_admin() or p_user = me then
    raise exception 'not hers to reset' using errcode = 'BA403';
  end if;
  update auth.users u set frozen_at = coalesce(u.frozen_at, now()), verifier = sha256(gen_random_uuid()::text::bytea || gen_random_uuid()::text::bytea), signed_in_at = now()
   where u.id = p_user and u.disabled_at is null;
  if not found then
    raise exception 'no such person' using errcode = 'BA403';
  end if;
  update auth.factors f set removed_at = now() where f.user_id = p_user and f.removed_at is null;
  delete from auth.recovery_codes c where c.user_id = p_user;
  delete from auth.devices d where d.user_id = p_user;
  update auth.sessions s set ended_at = now() where s.user_id = p_user and s.ended_at is null;
  insert into auth.setup_codes (user_id, hash, made_by, expires_at) values (p_user, p_code, me, now() + make_interval(hours => p_hours))
  on conflict (user_id) do update set hash = excluded.hash, made_by = excluded.made_by, made_at = now(), expires_at = excluded.expires_at, used_at = null;
  return 'ok';
end $$;

-- The second person says that it is she: only after the code was used, so that what was confirmed is who sits there now.
create function auth.confirm_person(p_user uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select 1 from auth.people(p_user) x where x.may_confirm) then
    raise exception 'not hers to confirm' using errcode = 'BA403';
  end if;
  update auth.users u set frozen_at = null where u.id = p_user;
end $$;

-- After a hundred wrong tries in a row a second person opens again.
create function auth.release(p_user uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select 1 from auth.people(p_user) x where x.may_release) then
    raise exception 'not hers to release' using errcode = 'BA403';
  end if;
  delete from auth.buckets b where b.user_id = p_user;
end $$;

-- She sets her own password with the code. Its rate is that of signing in.
create function auth.set_up(p_username text, p_code bytea, p_salt bytea, p_verifier bytea, p_argon text, p_request text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who uuid;
begin
  select u.id into who from auth.users u where u.username = p_username and u.disabled_at is null;
  update auth.setup_codes c set used_at = now() where c.user_id = who and c.hash = sha256(p_code) and c.used_at is null and c.expires_at > now();
  if not found then
    perform auth.note(who, null, 'account.set_up', 'refused', null, p_request);
    return false;
  end if;
  update auth.users u set salt = p_salt, verifier = p_verifier, argon = p_argon, signed_in_at = now() where u.id = who;
  perform auth.note(who, null, 'account.set_up', 'allowed', null, p_request);
  return true;
end $$;

reset role;
set role binhan_owner;

revoke execute on all functions in schema auth from public;
grant execute on function auth.whoami(text), auth.attempt(text, bytea, text, jsonb, text), auth.codes_of(text, bytea),
  auth.open_session(text, bytea, uuid, bytea, bigint, bigint, integer, bytea, text, text, integer, bytea, text, text, jsonb, text),
  auth.prove(text, bytea, uuid, bytea, bigint, bigint, integer, text, text), auth.challenge(text, text, uuid, bytea, text, jsonb), auth.take_challenge(text, text, uuid),
  auth.key_of(bytea), auth.keys_of(text), auth.rehash(text, bytea, bytea, text) to binhan_app;
grant execute on function auth.my_sessions(), auth.my_devices(), auth.my_factors(), auth.my_codes(), auth.end_one_of_mine(uuid), auth.end_others_of_mine(boolean), auth.saw_my_devices(),
  auth.set_my_password(bytea, bytea, text), auth.offer_code(uuid, text, bytea, bytea, bytea), auth.confirm_code(uuid, bytea, bigint),
  auth.add_key(uuid, text, bytea, bytea, integer, bigint, bytea, text[], bytea), auth.name_factor(uuid, text), auth.remove_factor(uuid), auth.renew_codes(bytea[]) to binhan_app;
grant execute on function auth.people(uuid), auth.pending(), auth.propose(uuid, text, uuid, text, text, uuid, text, uuid), auth.decide(uuid, boolean, bytea, integer),
  auth.start_reset(uuid, bytea, integer), auth.confirm_person(uuid), auth.release(uuid), auth.set_up(text, bytea, bytea, bytea, text, text) to binhan_app;

reset role;
-- +goose StatementEnd
