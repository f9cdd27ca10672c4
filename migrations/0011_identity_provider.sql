-- +goose Up
-- +goose StatementBegin

-- Sign-in through a province's own identity provider (OpenID Connect).
--
-- The provider never makes an account, and an account is found by what it says of (issuer, subject) alone, never by a name or an address. Of both only a
-- hash is kept: whoever holds the database learns nothing about her elsewhere. The rule of 0006 stays: the program checks the provider's word, and brings the
-- link's own secret, a mark that only the key ring can make. So a statement that slipped into the database opens no session here either.

set role binhan_owner;

create table auth.identities (
  id uuid primary key,
  user_id uuid not null references auth.users (id),
  issuer text not null,
  subject bytea not null,
  verifier bytea not null,
  added_at timestamptz not null default now(),
  used_at timestamptz,
  removed_at timestamptz,
  constraint subject_is_a_hash check (length(subject) = 32 and length(verifier) = 32)
);
create unique index subject_is_linked_once on auth.identities (subject) where removed_at is null;
create unique index one_link_of_an_issuer on auth.identities (user_id, issuer) where removed_at is null;

-- Orders to sign somebody out, each of which the provider may give once.
create table auth.logout_orders (
  hash bytea primary key,
  expires_at timestamptz not null
);
create index logout_orders_by_end on auth.logout_orders (expires_at);

alter table auth.sessions
  add column identity uuid references auth.identities (id),
  add column provider_session bytea;
create index sessions_of_provider on auth.sessions (provider_session) where provider_session is not null and ended_at is null;

comment on column auth.identities.id is 'operational: random id';
comment on column auth.identities.user_id is 'operational: whose';
comment on column auth.identities.issuer is 'operational: address of the provider';
comment on column auth.identities.subject is 'secret: SHA-256 of the provider and of what it calls her';
comment on column auth.identities.verifier is 'secret: SHA-256 of the mark that the key ring makes of the id';
comment on column auth.identities.added_at is 'operational: since';
comment on column auth.identities.used_at is 'operational: last used';
comment on column auth.identities.removed_at is 'operational: taken away';
comment on column auth.logout_orders.hash is 'secret: SHA-256 of the order''s own id';
comment on column auth.logout_orders.expires_at is 'operational: until when it is remembered';
comment on column auth.sessions.identity is 'operational: the link to a provider that opened or proved it';
comment on column auth.sessions.provider_session is 'secret: SHA-256 of what the provider calls its own session';

grant select, insert, update on auth.identities to binhan_keeper;
grant select, insert, update, delete on auth.logout_orders to binhan_keeper;

set role binhan_keeper;

-- What every sign-in does once it is known who signs in and how: the device is hers from now on, one session a device, so many at once, and the record says by
-- what means. proved is when she last proved who she is, which a provider may say was hours ago.
create function auth.begin_session(p_user uuid, p_membership uuid, p_org uuid, p_how text, p_said text, p_proved timestamptz, p_identity uuid, p_provider_session bytea,
                                   p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_rules jsonb, p_request text)
returns table (ended integer, new_device boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare is_known boolean; over integer := 0; n integer; first boolean;
begin
  is_known := p_device is not null and exists (select 1 from auth.devices d where d.user_id = p_user and d.hash = p_device);
  first := not exists (select 1 from auth.devices d where d.user_id = p_user);
  if p_device is not null then
    insert into auth.devices (user_id, hash, label) values (p_user, p_device, p_label)
    on conflict on constraint device_is_known_once do update set last_at = now(), label = excluded.label;
    -- One session a device; whoever sits there now has signed in anew.
    update auth.sessions s set ended_at = now() where s.user_id = p_user and s.device = p_device and s.ended_at is null;
  end if;
  if first or p_how = 'recovery' and is_known then
    update auth.users u set devices_seen_at = now() where u.id = p_user;
  end if;
  -- So many at once and no more: the one that was not used for longest ends.
  select count(*) into n from auth.sessions s where s.user_id = p_user and s.kind in ('cookie', 'token') and s.ended_at is null and s.expires_at > now() and s.seen_at > now() - interval '15 minutes';
  if n >= (p_rules->>'sessions')::integer then
    update auth.sessions s set ended_at = now()
     where s.handle_hash in (select x.handle_hash from auth.sessions x
                              where x.user_id = p_user and x.kind in ('cookie', 'token') and x.ended_at is null and x.expires_at > now() and x.seen_at > now() - interval '15 minutes'
                              order by x.seen_at, x.created_at limit n - (p_rules->>'sessions')::integer + 1);
    get diagnostics over = row_count;
  end if;
  insert into auth.sessions (handle_hash, membership_id, user_id, organisation_id, kind, expires_at, strength, proved_at, identity, provider_session, device, label)
  values (sha256(convert_to(p_handle, 'UTF8')), p_membership, p_user, p_org, p_kind, now() + make_interval(hours => least(p_hours, 10)), p_how, p_proved, p_identity, p_provider_session, p_device, p_label);
  update auth.users u set signed_in_at = now() where u.id = p_user;
  perform auth.note(p_user, p_handle, 'session.open', 'allowed', p_said, p_request);
  return query select over, not first and not is_known and p_device is not null;
end $$;

-- Opens a session. outcome: ok; second (the password is right, the second factor is missing); wrong (anything else, on the record with its reason).
create or replace function auth.open_session(p_username text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea,
                                  p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text)
returns table (outcome text, user_id uuid, ended integer, new_device boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record; used text; how text; is_known boolean;
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
  if p_derived is not null then
    is_known := p_device is not null and exists (select 1 from auth.devices d where d.user_id = who.id and d.hash = p_device);
    perform auth.give_back(p_username, p_device, p_address, is_known);
  end if;
  return query select 'ok', who.id, b.ended, b.new_device
    from auth.begin_session(who.id, who.membership, who.organisation_id, how, how, now(), null, null, p_handle, p_kind, p_hours, p_device, p_label, p_rules, p_request) b;
end $$;

-- Whose link it is that a provider spoke of; nobody where there is none, or the account is closed.
create function auth.identity_of(p_subject bytea) returns table (id uuid, user_id uuid, username text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select i.id, u.id, u.username from auth.identities i join auth.users u on u.id = i.user_id
   where i.subject = p_subject and i.removed_at is null and u.disabled_at is null
$$;

-- The apps that count of whoever's link was shown: what they share with us, sealed.
create function auth.codes_of_identity(p_identity uuid, p_mark bytea) returns table (user_id uuid, id uuid, wrapped bytea, sealed bytea, last_step bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.id, f.id, f.wrapped, f.sealed, f.last_step
    from auth.identities i join auth.users u on u.id = i.user_id
    join auth.factors f on f.user_id = u.id and f.kind = 'totp' and f.confirmed_at is not null and f.removed_at is null
   where i.id = p_identity and i.verifier = sha256(p_mark) and i.removed_at is null and u.disabled_at is null
   order by f.added_at
$$;

-- Opens a session for whoever a provider vouches for. p_strong: it vouches for a second factor too. Outcomes are those of open_session; second: she has a
-- factor of ours and the provider asked for none. p_proved is when the provider asked her; a key of ours, which asks for her finger or PIN, proves her anew.
create function auth.open_by_identity(p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamptz, p_provider_session bytea,
                                      p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea,
                                      p_handle text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text)
returns table (outcome text, user_id uuid, ended integer, new_device boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record; used text; how text; proved timestamptz := least(coalesce(p_proved, '-infinity'), now());
begin
  select u.id, u.username, m.id as membership, m.organisation_id, u.signed_in_at, u.created_at, i.verifier into who
    from auth.identities i
    join auth.users u on u.id = i.user_id
    join auth.memberships m on m.user_id = u.id and m.valid_from <= now() and (m.valid_to is null or m.valid_to > now())
   where i.id = p_identity and i.removed_at is null and u.disabled_at is null
   order by m.valid_from
   limit 1;
  if who.id is null or p_mark is null or who.verifier <> sha256(p_mark) then
    perform auth.note(who.id, null, 'session.open', 'refused', 'oidc', p_request);
    return query select 'wrong', null::uuid, 0, false;
    return;
  end if;
  if (p_rules->>'idle_days')::integer > 0 and coalesce(who.signed_in_at, who.created_at) < now() - make_interval(days => (p_rules->>'idle_days')::integer) then
    perform auth.note(who.id, null, 'session.open', 'refused', 'idle_account', p_request);
    return query select 'wrong', null::uuid, 0, false;
    return;
  end if;
  if p_factor is not null then
    used := auth.use_factor(who.id, p_factor, p_secret, p_step, p_count, p_flags);
    if used is null or used = 'copied' then
      perform auth.note(who.id, null, 'session.open', 'refused', coalesce(case when used = 'copied' then 'key_copied' end, 'second_factor'), p_request);
      return query select 'wrong', null::uuid, 0, false;
      return;
    end if;
    how := used;
    if used = 'passkey' then
      proved := now();
    end if;
  elsif p_recovery is not null then
    update auth.recovery_codes c set used_at = now() where c.user_id = who.id and c.hash = sha256(p_recovery) and c.used_at is null;
    if not found then
      perform auth.note(who.id, null, 'session.open', 'refused', 'second_factor', p_request);
      return query select 'wrong', null::uuid, 0, false;
      return;
    end if;
    how := 'recovery';
  elsif p_strong then
    how := 'oidc';
  elsif exists (select 1 from auth.factors f where f.user_id = who.id and f.confirmed_at is not null and f.removed_at is null) then
    return query select 'second', null::uuid, 0, false; -- no refusal yet: the next page asks
    return;
  else
    how := case when (p_rules->>'demand')::boolean then 'enrolling' else 'oidc' end;
  end if;
  if used = 'totp' or how = 'recovery' then -- this try was counted before it was judged
    perform auth.give_back(who.username, p_device, p_address, p_device is not null and exists (select 1 from auth.devices d where d.user_id = who.id and d.hash = p_device));
  end if;
  update auth.identities i set used_at = now() where i.id = p_identity;
  return query select 'ok', who.id, b.ended, b.new_device
    from auth.begin_session(who.id, who.membership, who.organisation_id, how, case when how = 'oidc' then 'oidc' else 'oidc_' || how end, proved, p_identity, p_provider_session,
                            p_handle, 'cookie', p_hours, p_device, p_label, p_rules, p_request) b;
end $$;

-- A sign-in through the provider that came to nothing before an account was known, or after: for the record.
create function auth.refuse_identity(p_user uuid, p_reason text, p_request text) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select auth.note(p_user, null, 'session.open', 'refused', 'oidc_' || p_reason, p_request)
$$;

-- Proves again who sits before a running session by her provider's word. Outcome: ok; other (somebody else signed in there); second (she has a second factor, or
-- must, and the provider asked for none); gone. The proof is as old as the provider says.
create function auth.prove_by_identity(p_session bytea, p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamptz, p_provider_session bytea, p_new text, p_rules jsonb, p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s record;
begin
  select x.user_id, x.strength into s
    from auth.sessions x join auth.users u on u.id = x.user_id
   where x.handle_hash = p_session and x.kind = 'cookie' and x.ended_at is null and x.locked_at is null and x.expires_at > now() and u.disabled_at is null
     and x.seen_at > now() - interval '15 minutes'
     for update of x;
  if s.user_id is null then
    return 'gone';
  end if;
  if not exists (select 1 from auth.identities i where i.id = p_identity and i.user_id = s.user_id and i.removed_at is null and i.verifier = sha256(p_mark)) then
    perform auth.note(s.user_id, null, 'session.prove', 'refused', 'oidc_other', p_request);
    return 'other';
  end if;
  if not p_strong and ((p_rules->>'demand')::boolean and s.strength <> 'enrolling' or exists (select 1 from auth.factors f where f.user_id = s.user_id and f.confirmed_at is not null and f.removed_at is null)) then
    perform auth.note(s.user_id, null, 'session.prove', 'refused', 'oidc_weak', p_request);
    return 'second';
  end if;
  update auth.identities i set used_at = now() where i.id = p_identity;
  update auth.sessions x set proved_at = greatest(x.proved_at, least(p_proved, now())), seen_at = now(), wrong_unlocks = 0,
         strength = case when p_strong then 'oidc' else s.strength end, identity = p_identity, provider_session = coalesce(p_provider_session, x.provider_session),
         handle_hash = sha256(convert_to(p_new, 'UTF8'))
   where x.handle_hash = p_session;
  perform auth.note(s.user_id, p_new, 'session.prove', 'allowed', 'oidc', p_request);
  return 'ok';
end $$;

-- Whether the session was opened or proved by a provider: then leaving there is offered too.
create function auth.by_provider(p_handle text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from auth.sessions s where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.identity is not null)
$$;

-- Whether a provider may speak for the holder of a session.
create function auth.linked(p_handle text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from auth.sessions s join auth.identities i on i.user_id = s.user_id and i.removed_at is null
                  where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.expires_at > now())
$$;

-- The provider says that somebody has left: one session of its own, or all of hers. Answers how many of ours ended, -1 for an order that was given before.
create function auth.end_by_provider(p_order bytea, p_until timestamptz, p_subject bytea, p_provider_session bytea, p_request text) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s record; n integer := 0;
begin
  delete from auth.logout_orders o where o.hash in (select x.hash from auth.logout_orders x where x.expires_at < now() limit 50 for update skip locked);
  insert into auth.logout_orders (hash, expires_at) values (p_order, p_until) on conflict do nothing;
  if not found then
    return -1;
  end if;
  for s in
    update auth.sessions x set ended_at = now()
      from auth.identities i
     where i.id = x.identity and x.ended_at is null
       and (p_subject is not null or p_provider_session is not null)
       and (p_subject is null or i.subject = p_subject)
       and (p_provider_session is null or x.provider_session = p_provider_session)
    returning x.user_id, x.organisation_id, x.handle_hash
  loop
    insert into audit.entries (actor, organisation, session, act, kind, classes, decision, reason, request)
    values (s.user_id, s.organisation_id, substr(s.handle_hash, 1, 8), 'session.close', 'session', '{}', 'allowed', 'oidc', p_request);
    n := n + 1;
  end loop;
  return n;
end $$;

-- ------------------------------------------------------------------ her own account

create function auth.my_identities() returns table (id uuid, issuer text, added_at timestamptz, used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select i.id, i.issuer, i.added_at, i.used_at from auth.self() me join auth.identities i on i.user_id = me.user_id and i.removed_at is null order by i.added_at
$$;

-- She links her own account, signed in and freshly proved (the act asks for it). Outcome: ok; taken (somebody's already); another (she has one at this provider).
create function auth.link_identity(p_id uuid, p_issuer text, p_subject bytea, p_verifier bytea) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me record;
begin
  select * into me from auth.self();
  if me.user_id is null or me.strength = 'enrolling' then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  perform 1 from auth.users u where u.id = me.user_id for update;
  if exists (select 1 from auth.identities i where i.subject = p_subject and i.removed_at is null) then
    return 'taken';
  end if;
  if exists (select 1 from auth.identities i where i.user_id = me.user_id and i.issuer = p_issuer and i.removed_at is null) then
    return 'another';
  end if;
  insert into auth.identities (id, user_id, issuer, subject, verifier) values (p_id, me.user_id, p_issuer, p_subject, p_verifier);
  return 'ok';
exception when unique_violation then
  return 'taken';
end $$;

-- Taken away, it opens nothing; what it opened elsewhere ends.
create function auth.unlink_identity(p_id uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me record;
begin
  select * into me from auth.self();
  update auth.identities i set removed_at = now() where i.id = p_id and i.user_id = me.user_id and i.removed_at is null;
  if not found then
    return false;
  end if;
  update auth.sessions s set ended_at = now() where s.identity = p_id and s.handle_hash <> me.hash and s.ended_at is null;
  return true;
end $$;

-- An administrator starts a reset and never chooses a password: what she had is worth nothing any more, the link to a provider included, a code of one use lets her
-- set a new one, and her rights rest until a second person has confirmed who she is.
create or replace function auth.start_reset(p_user uuid, p_code bytea, p_hours integer) returns text
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
  update auth.identities i set removed_at = now() where i.user_id = p_user and i.removed_at is null;
  delete from auth.recovery_codes c where c.user_id = p_user;
  delete from auth.devices d where d.user_id = p_user;
  update auth.sessions s set ended_at = now() where s.user_id = p_user and s.ended_at is null;
  insert into auth.setup_codes (user_id, hash, made_by, expires_at) values (p_user, p_code, me, now() + make_interval(hours => p_hours))
  on conflict (user_id) do update set hash = excluded.hash, made_by = excluded.made_by, made_at = now(), expires_at = excluded.expires_at, used_at = null;
  return 'ok';
end $$;

reset role;
set role binhan_owner;

revoke execute on all functions in schema auth from public;
grant execute on function auth.identity_of(bytea), auth.codes_of_identity(uuid, bytea),
  auth.open_by_identity(uuid, bytea, boolean, timestamptz, bytea, uuid, bytea, bigint, bigint, integer, bytea, text, integer, bytea, text, text, jsonb, text),
  auth.refuse_identity(uuid, text, text), auth.prove_by_identity(bytea, uuid, bytea, boolean, timestamptz, bytea, text, jsonb, text), auth.by_provider(text), auth.linked(text),
  auth.end_by_provider(bytea, timestamptz, bytea, bytea, text), auth.my_identities(), auth.link_identity(uuid, text, bytea, bytea), auth.unlink_identity(uuid) to binhan_app;

reset role;
-- +goose StatementEnd
