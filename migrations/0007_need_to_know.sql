-- +goose Up
-- +goose StatementBegin

-- Need to know, as facts and walls: opening a case in an emergency and answering for it; budgets against bulk reading, counted where every machine counts;
-- cases that look absent to all but those who are named; who must be told; and blind tokens by which a person who is known elsewhere can be noticed
-- without anybody learning where.

set role binhan_owner;

-- ------------------------------------------------------------------ opened in an emergency

alter table case_standings drop constraint standing_is_known;
alter table case_standings add constraint standing_is_known
  check (standing in ('assigned', 'supervisor', 'own_organisation', 'addressee', 'referred', 'break_glass', 'break_glass_safety'));

create table break_glass (
  id uuid primary key,
  case_id uuid not null references cases (id),
  user_id uuid not null references auth.users (id),
  organisation_id uuid not null references organisations (id),
  code text not null,
  reason bytea,
  opened_at timestamptz not null default now(),
  until timestamptz not null,
  safety_asked_at timestamptz,
  safety_by uuid references auth.users (id),
  safety_at timestamptz,
  review_due timestamptz not null,
  reviewed_by uuid references auth.users (id),
  reviewed_at timestamptz,
  verdict text,
  review bytea,
  constraint emergency_ends_after_it_begins check (until > opened_at),
  constraint nobody_reviews_herself check (reviewed_by is null or reviewed_by <> user_id),
  constraint nobody_confirms_herself check (safety_by is null or safety_by <> user_id),
  constraint review_is_whole check (num_nonnulls(reviewed_by, reviewed_at, verdict) in (0, 3))
);
create index break_glass_of_case on break_glass (case_id);
create index break_glass_of_user on break_glass (user_id, opened_at desc);

comment on column break_glass.id is 'operational: random id';
comment on column break_glass.case_id is 'operational: the case';
comment on column break_glass.user_id is 'operational: who opened it';
comment on column break_glass.organisation_id is 'operational: for which organisation';
comment on column break_glass.code is 'operational: list breakglass_reason';
comment on column break_glass.reason is 'secret: sealed, compartment narrative: why, in words';
comment on column break_glass.opened_at is 'operational: since';
comment on column break_glass.until is 'operational: until';
comment on column break_glass.safety_asked_at is 'operational: when she asked for the safety class too';
comment on column break_glass.safety_by is 'operational: the second person who opened the safety class';
comment on column break_glass.safety_at is 'operational: when she did';
comment on column break_glass.review_due is 'operational: until when it must be reviewed; after that she opens nothing more';
comment on column break_glass.reviewed_by is 'operational: who reviewed it';
comment on column break_glass.reviewed_at is 'operational: when';
comment on column break_glass.verdict is 'operational: list breakglass_verdict';
comment on column break_glass.review is 'secret: sealed, compartment narrative: what the reviewer wrote';

-- ------------------------------------------------------------------ who must be told

create table notices (
  id uuid primary key default gen_random_uuid(),
  recipient uuid not null references auth.users (id),
  kind text not null,
  case_id uuid references cases (id),
  subject uuid,
  by_user uuid references auth.users (id),
  by_org uuid references organisations (id),
  at timestamptz not null default now(),
  seen_at timestamptz
);
create index notices_of_recipient on notices (recipient, at desc, id);

comment on column notices.id is 'operational: random id';
comment on column notices.recipient is 'operational: who is told';
comment on column notices.kind is 'operational: what happened, a word of the catalogue';
comment on column notices.case_id is 'operational: the case it is about, if any';
comment on column notices.subject is 'operational: what it leads to: an emergency opening, a seal';
comment on column notices.by_user is 'operational: whose act it was';
comment on column notices.by_org is 'operational: of which organisation';
comment on column notices.at is 'operational: when';
comment on column notices.seen_at is 'operational: read at';

-- ------------------------------------------------------------------ sealed cases: absent to all but the named

create table case_seals (
  id uuid primary key,
  case_id uuid not null references cases (id),
  why text not null,
  asked_by uuid not null references auth.users (id),
  asked_at timestamptz not null default now(),
  second uuid not null references auth.users (id),
  agreed_at timestamptz,
  lift_asked_by uuid references auth.users (id),
  lift_asked_at timestamptz,
  lifted_at timestamptz,
  constraint seal_needs_two check (second <> asked_by),
  constraint lifting_needs_two check (lift_asked_by is null or lift_asked_by <> second)
);
create unique index seal_stands_once on case_seals (case_id) where lifted_at is null;
create table case_seal_names (
  seal_id uuid not null references case_seals (id),
  user_id uuid not null references auth.users (id),
  primary key (seal_id, user_id)
);

comment on column case_seals.id is 'operational: random id';
comment on column case_seals.case_id is 'operational: the case';
comment on column case_seals.why is 'operational: list seal_reason';
comment on column case_seals.asked_by is 'operational: who asked for it';
comment on column case_seals.asked_at is 'operational: when';
comment on column case_seals.second is 'operational: the second person, without whom it neither begins nor ends';
comment on column case_seals.agreed_at is 'operational: since when it holds';
comment on column case_seals.lift_asked_by is 'operational: who asked to end it';
comment on column case_seals.lift_asked_at is 'operational: when';
comment on column case_seals.lifted_at is 'operational: until when it held';
comment on column case_seal_names.seal_id is 'operational: the seal';
comment on column case_seal_names.user_id is 'operational: who still sees the case';

-- ------------------------------------------------------------------ what was opened, and what was asked: budgets

-- One row for each time that opening a case counted. Not unique for person and case: two at once must not wait for each other.
create table case_openings (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id),
  case_id uuid not null references cases (id),
  at timestamptz not null default now(),
  why text
);
create index openings_of_case on case_openings (user_id, case_id, at);
create index openings_by_time on case_openings (user_id, at);

create table budget_spent (
  user_id uuid not null references auth.users (id),
  budget text not null,
  minute timestamptz not null,
  n integer not null,
  primary key (user_id, budget, minute)
);

comment on column case_openings.id is 'operational: random id';
comment on column case_openings.user_id is 'operational: who';
comment on column case_openings.case_id is 'operational: opened which case';
comment on column case_openings.at is 'operational: when it counted as an opening';
comment on column case_openings.why is 'operational: list opening_reason, given at her first opening; empty for her who recorded it';
comment on column budget_spent.user_id is 'operational: who';
comment on column budget_spent.budget is 'operational: what is counted';
comment on column budget_spent.minute is 'operational: in which minute';
comment on column budget_spent.n is 'operational: how often';

-- ------------------------------------------------------------------ blind tokens: is this person known elsewhere?

-- No unique index on a token: a duplicate key would tell a stranger what a hidden row holds. Equality only, which is leakproof under row-level security.
create table case_tokens (
  id uuid primary key,
  case_id uuid not null references cases (id),
  who text not null,
  kind text not null,
  token bytea not null,
  sealed bytea,
  constraint token_is_of_somebody check (who in ('survivor', 'perpetrator')),
  constraint token_has_its_length check (length(token) = case kind when 'name' then 2 when 'phone' then 8 when 'id' then 8 end),
  constraint perpetrator_is_verified_by_name check ((who = 'perpetrator') = (sealed is not null))
);
create index tokens_equal on case_tokens (token, kind);
create index tokens_of_case on case_tokens (case_id);

comment on column case_tokens.id is 'operational: random id';
comment on column case_tokens.case_id is 'operational: the case';
comment on column case_tokens.who is 'operational: survivor or perpetrator';
comment on column case_tokens.kind is 'operational: id, phone or name';
comment on column case_tokens.token is 'secret: blind token of the key ring, 64 bits for a number, 16 for a name';
comment on column case_tokens.sealed is 'secret: sealed, compartment identity: the name that verifies a token of a perpetrator';

-- ------------------------------------------------------------------ where a place of refuge is

-- One sealed address for each place of refuge, under a key of its own. It is read by one act alone, by those who keep the place and by those who hold a case that it has taken.
create table shelter_addresses (
  organisation_id uuid primary key references organisations (id),
  key bytea not null,
  sealed bytea not null,
  set_by uuid not null references auth.users (id),
  set_at timestamptz not null default now()
);
comment on column shelter_addresses.organisation_id is 'operational: the place of refuge';
comment on column shelter_addresses.key is 'secret: wrapped data key, compartment safety, owner the organisation';
comment on column shelter_addresses.sealed is 'secret: sealed, compartment safety: where it is and how to get there';
comment on column shelter_addresses.set_by is 'operational: by whom';
comment on column shelter_addresses.set_at is 'operational: when';
alter table shelter_addresses enable row level security;
alter table shelter_addresses force row level security;
create policy kept on shelter_addresses to binhan_app
  using (organisation_id = (select auth.org_id())) with check (organisation_id = (select auth.org_id()) and set_by = (select auth.user_id()));
create policy taken on shelter_addresses for select to binhan_app
  using (exists (select 1 from referrals r join case_standings s on s.case_id = r.case_id
                  where r.to_org = shelter_addresses.organisation_id and r.status in ('ACCEPTED', 'IN_SERVICE') and s.referral_id is null and s.standing = 'assigned'
                    and s.holder = (select auth.user_id()) and (s.until is null or s.until > now())));
grant select, insert, update on shelter_addresses to binhan_app;

-- ------------------------------------------------------------------ walls on the new tables

alter table break_glass enable row level security;
alter table break_glass force row level security;
create policy seen on break_glass for select to binhan_app
  using (user_id = (select auth.user_id())
      or exists (select 1 from case_standings s where s.case_id = break_glass.case_id and s.referral_id is null and s.standing in ('assigned', 'supervisor')
                    and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy worded on break_glass for update to binhan_app
  using (user_id = (select auth.user_id()) and reason is null)
  with check (user_id = (select auth.user_id()));
create policy reviewed on break_glass for update to binhan_app
  using (reviewed_by = (select auth.user_id()) and review is null)
  with check (reviewed_by = (select auth.user_id()));
grant select on break_glass to binhan_app;
grant update (reason, review) on break_glass to binhan_app;

alter table notices enable row level security;
alter table notices force row level security;
create policy hers on notices to binhan_app
  using (recipient = (select auth.user_id()) and (case_id is null or case_id <> all ((select gate.walls())::uuid[])))
  with check (recipient = (select auth.user_id()));
grant select on notices to binhan_app;
grant update (seen_at) on notices to binhan_app;

alter table case_seals enable row level security;
alter table case_seals force row level security;
alter table case_openings enable row level security;
alter table case_openings force row level security;
create policy hers on case_openings to binhan_app using (user_id = (select auth.user_id())) with check (user_id = (select auth.user_id()));
grant select on case_openings to binhan_app;
grant update (why) on case_openings to binhan_app;
alter table budget_spent enable row level security;
alter table budget_spent force row level security;

-- Tokens go in and are thrown away by her who holds the case; nobody reads one.
alter table case_tokens enable row level security;
alter table case_tokens force row level security;
create policy held on case_tokens for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = case_tokens.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy recorded on case_tokens for insert to binhan_app
  with check (exists (select 1 from case_standings s where s.case_id = case_tokens.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy renewed on case_tokens for delete to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = case_tokens.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
grant select (id, case_id) on case_tokens to binhan_app;
grant insert, delete on case_tokens to binhan_app;

-- Who may see the walls of a case: those who set them.
create policy seen on case_walls for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = case_walls.case_id and s.referral_id is null and s.standing in ('assigned', 'supervisor')
                    and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
grant select on case_walls to binhan_app;

create constraint trigger break_glass_change_is_recorded after insert or update or delete on break_glass
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger notices_change_is_recorded after insert on notices
  deferrable initially deferred for each row when (new.case_id is not null) execute function audit.must_be_recorded();
create constraint trigger case_seals_change_is_recorded after insert or update or delete on case_seals
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger case_openings_change_is_recorded after insert or update or delete on case_openings
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger case_tokens_change_is_recorded after insert or update or delete on case_tokens
  deferrable initially deferred for each row execute function audit.must_be_recorded();

grant select, insert, update on break_glass, notices, case_seals, case_openings, budget_spent to binhan_keeper;
grant select, insert on case_seal_names to binhan_keeper;
grant delete on budget_spent to binhan_keeper;
grant select on case_tokens, case_keys, survivors to binhan_keeper;

set role binhan_keeper;

-- ------------------------------------------------------------------ the door

-- Whether a case is sealed now, for the views that must then not name it.
create function gate.sealed(p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.case_seals s where s.case_id = p_case and s.agreed_at is not null and s.lifted_at is null)
$$;

-- Whether a person must not see a case: a wall stands between them, or the case is sealed and she is not named.
create function gate.walled(p_user uuid, p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.case_walls w where w.user_id = p_user and w.case_id = p_case and w.lifted_at is null)
      or exists (select 1 from public.case_seals s where s.case_id = p_case and s.agreed_at is not null and s.lifted_at is null
                    and not exists (select 1 from public.case_seal_names n where n.seal_id = s.id and n.user_id = p_user))
$$;

-- The cases that the session's holder must not see, asked once per statement.
create or replace function gate.walls() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id();
begin
  return (select coalesce(array_agg(x.case_id), '{}')
            from (select w.case_id from public.case_walls w where w.user_id = me and w.lifted_at is null
                  union all
                  select s.case_id from public.case_seals s
                   where s.agreed_at is not null and s.lifted_at is null
                     and not exists (select 1 from public.case_seal_names n where n.seal_id = s.id and n.user_id = me)) x);
end $$;

-- The first statement of every act: whose session, which case, what she holds there, and whether her budget lets her go on. A budget is spent here, in the act's own
-- transaction: what is rolled back was not spent, and it is never overdrawn by one. Opening a case again within the window costs nothing. spent_until tells when
-- it goes on; then the act must not.
--
-- Far from the end of a budget openings do not wait for one another: each shares a lock, counts those who share it (they may all commit) and then what is spent, in this
-- order, so that of any number at once the last to count has seen all the others. Near the end they go one by one.
drop function gate.enter(text, text, text, uuid);
create function gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text default null, p_limit integer default 0, p_window integer default 3600)
returns table (user_id uuid, role text, organisation uuid, case_id uuid, held text, at timestamptz, proved_at timestamptz, strength text, frozen boolean,
               spent_until timestamptz, first boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record; c uuid; r uuid; h record; since timestamptz; spent record; again timestamptz; needs_reason boolean := false; told text; sharing bigint := 0;
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
    when 'break_glass' then select x.case_id into c from public.break_glass x where x.id = p_id;
    else c := null;
  end case;
  -- Whoever holds nothing, or stands before a wall, is not even told which case the id belongs to.
  select coalesce(string_agg(distinct s.standing, ','), '') as standings,
         coalesce(bool_or(s.standing = 'assigned'), false) as assigned,
         coalesce(bool_or(s.standing = 'assigned' and s.why = 'recorded'), false) as recorded into h
    from public.case_standings s
   where s.case_id = c
     and s.holder in (who.user_id, who.organisation_id)
     and (s.referral_id is null or s.referral_id = r)
     and (s.until is null or s.until > now())
     and not exists (select 1 from public.case_walls w where w.user_id = who.user_id and w.case_id = c and w.lifted_at is null)
     and not exists (select 1 from public.case_seals z where z.case_id = c and z.agreed_at is not null and z.lifted_at is null
                        and not exists (select 1 from public.case_seal_names n where n.seal_id = z.id and n.user_id = who.user_id));
  if p_limit > 0 and p_budget = 'cases' and h.standings <> '' then
    since := now() - make_interval(secs => p_window);
    if not exists (select 1 from public.case_openings o where o.user_id = who.user_id and o.case_id = c and o.at > since) then
      select count(distinct o.case_id) as n into spent from public.case_openings o where o.user_id = who.user_id and o.at > since;
      if spent.n + 16 <= p_limit then
        perform pg_advisory_xact_lock_shared(7, hashtext(who.user_id::text));
        select count(*) into sharing from pg_locks l
         where l.locktype = 'advisory' and l.classid = 7 and l.objid = hashtext(who.user_id::text)::bigint::bit(32)::bigint::oid and l.objsubid = 2
           and l.database = (select d.oid from pg_database d where d.datname = current_database());
      else
        perform pg_advisory_xact_lock(7, hashtext(who.user_id::text));
        sharing := 1;
      end if;
      select count(distinct o.case_id) as n, min(o.at) as oldest into spent from public.case_openings o where o.user_id = who.user_id and o.at > since and o.case_id <> c;
      if spent.n >= p_limit then
        again := spent.oldest + make_interval(secs => p_window);
      elsif spent.n + sharing > p_limit then
        raise exception 'too many at once' using errcode = '40001'; -- the door tries again
      else
        insert into public.case_openings (user_id, case_id) values (who.user_id, c);
      end if;
    end if;
  elsif p_limit > 0 and p_budget is not null and p_budget <> 'cases' and (p_kind = '' or h.standings <> '') then
    since := now() - make_interval(secs => p_window);
    perform pg_advisory_xact_lock(hashtextextended(p_budget || '/' || who.user_id, 7));
    select coalesce(sum(b.n), 0) as n, min(b.minute) as oldest into spent from public.budget_spent b where b.user_id = who.user_id and b.budget = p_budget and b.minute > since;
    if spent.n >= p_limit then
      again := spent.oldest + make_interval(secs => p_window);
    else
      delete from public.budget_spent b where b.user_id = who.user_id and b.budget = p_budget and b.minute <= since;
      insert into public.budget_spent as b (user_id, budget, minute, n) values (who.user_id, p_budget, date_trunc('minute', now()), 1)
      on conflict on constraint budget_spent_pkey do update set n = b.n + 1;
    end if;
  end if;
  if h.assigned and not h.recorded then
    select max(o.why) into told from public.case_openings o where o.user_id = who.user_id and o.case_id = c;
    needs_reason := told is null and not exists (select 1 from public.case_standings s where s.case_id = c and s.holder = who.user_id and s.why = 'recorded'); -- hers again
  end if;
  return query select who.user_id, who.role::text, who.organisation_id, case when h.standings <> '' then c end, h.standings, now(), who.proved_at, who.strength, who.frozen,
                      again, needs_reason;
end $$;

-- ------------------------------------------------------------------ telling people

-- A notice to somebody, unless she is the one who acted or must not see the case.
create function standing.tell(p_to uuid, p_kind text, p_case uuid, p_subject uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id();
begin
  if p_to is null or p_to = me or (p_case is not null and gate.walled(p_to, p_case)) then
    return;
  end if;
  insert into public.notices (recipient, kind, case_id, subject, by_user, by_org) values (p_to, p_kind, p_case, p_subject, me, auth.org_id());
end $$;

-- Her supervisor learns that a budget ran out, once an hour at most for each budget.
create function standing.tell_spent(p_budget text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); boss uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('told/' || me, 7));
  select m.supervisor into boss from auth.sessions s join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'));
  if boss is not null and not exists (select 1 from public.notices n where n.recipient = boss and n.by_user = me and n.kind = 'budget_' || p_budget and n.at > now() - interval '1 hour') then
    perform standing.tell(boss, 'budget_' || p_budget, null, null);
  end if;
end $$;

-- ------------------------------------------------------------------ opening in an emergency

-- Whose emergencies wait for a review that is overdue: she opens nothing more until they are reviewed. A function of the clock; nobody has to lock her.
create function standing.owes_review(p_user uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.break_glass b where b.user_id = p_user and b.reviewed_at is null and b.review_due <= now())
$$;

-- Opens one case for a few hours to somebody who has no standing on it. What limits her is asked before the case is looked for, so that no answer depends on
-- a case which she may not know: a code that is wrong, walled, sealed or erased is 'none'.
create function standing.break_glass(p_id uuid, p_case uuid, p_spoken text, p_code text, p_hours integer, p_daily integer, p_due timestamptz)
returns table (outcome text, case_id uuid, opening uuid, until timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); c record; b record; boss uuid; ends timestamptz := now() + make_interval(hours => least(p_hours, 24)); x record;
begin
  if me is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('break_glass/' || me, 7));
  if standing.owes_review(me) then
    return query select 'unreviewed', null::uuid, null::uuid, null::timestamptz;
    return;
  end if;
  select k.id, k.owner, k.code into c from public.cases k
   where case when p_case is not null then k.id = p_case else k.code = p_spoken end and k.status <> 'ERASED';
  if c.id is not null and not gate.walled(me, c.id) then
    if exists (select 1 from public.case_standings s where s.case_id = c.id and s.holder = me and s.referral_id is null and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())) then
      return query select 'held', c.id, null::uuid, null::timestamptz;
      return;
    end if;
    select g.id, g.until into b from public.break_glass g where g.case_id = c.id and g.user_id = me and g.until > now() order by g.until desc limit 1;
    if b.id is not null then
      return query select 'again', c.id, b.id, b.until;
      return;
    end if;
  end if;
  if (select count(*) from public.break_glass g where g.user_id = me and g.opened_at > now() - interval '24 hours') >= p_daily then
    return query select 'spent', null::uuid, null::uuid, null::timestamptz;
    return;
  end if;
  if c.id is null or gate.walled(me, c.id) then
    return query select 'none', null::uuid, null::uuid, null::timestamptz;
    return;
  end if;
  insert into public.break_glass (id, case_id, user_id, organisation_id, code, until, review_due)
  values (p_id, c.id, me, auth.org_id(), p_code, ends, least(greatest(p_due, now()), now() + interval '21 days'));
  insert into public.case_standings (case_id, standing, holder, until, why, granted_by) values (c.id, 'break_glass', me, ends, 'emergency ' || p_code, me);
  select m.supervisor into boss from auth.sessions s join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(current_setting('app.sid'), 'UTF8'));
  for x in select c.owner as who union select s.holder from public.case_standings s where s.case_id = c.id and s.standing = 'supervisor' and (s.until is null or s.until > now())
           union select boss where boss is not null loop
    perform standing.tell(x.who, 'break_glass', c.id, p_id);
  end loop;
  return query select 'opened', c.id, p_id, ends;
end $$;

-- She who broke the glass asks for the safety class too: those who may confirm are told.
create function standing.ask_safety(p_id uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); b record; x record;
begin
  update public.break_glass g set safety_asked_at = coalesce(g.safety_asked_at, now()) where g.id = p_id and g.user_id = me and g.until > now()
  returning g.case_id, g.safety_at into b;
  if not found then
    raise exception 'not hers to ask' using errcode = 'BA403';
  end if;
  if b.safety_at is null then
    for x in select k.owner as who from public.cases k where k.id = b.case_id
             union select s.holder from public.case_standings s where s.case_id = b.case_id and s.standing = 'supervisor' and (s.until is null or s.until > now()) loop
      if not exists (select 1 from public.notices n where n.recipient = x.who and n.subject = p_id and n.kind = 'break_glass_safety') then
        perform standing.tell(x.who, 'break_glass_safety', b.case_id, p_id);
      end if;
    end loop;
  end if;
end $$;

-- A second person, who holds or supervises the case, opens the safety class for the rest of the emergency.
create function standing.open_safety(p_id uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); b record;
begin
  select g.case_id, g.user_id, g.until, g.safety_asked_at, g.safety_at into b from public.break_glass g where g.id = p_id for update;
  if b.case_id is null or b.user_id = me or gate.walled(me, b.case_id)
     or not exists (select 1 from public.case_standings s where s.case_id = b.case_id and s.holder = me and s.referral_id is null and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())) then
    raise exception 'not hers to confirm' using errcode = 'BA403';
  end if;
  if b.until <= now() or b.safety_asked_at is null or b.safety_at is not null then
    raise exception 'nothing to confirm' using errcode = 'BA413';
  end if;
  update public.break_glass g set safety_by = me, safety_at = now() where g.id = p_id;
  insert into public.case_standings (case_id, standing, holder, until, why, granted_by) values (b.case_id, 'break_glass_safety', b.user_id, b.until, 'second person', me);
  perform standing.tell(b.user_id, 'break_glass_safety_open', b.case_id, p_id);
end $$;

-- Whoever supervises the case reviews; where nobody else does, its holder. Once.
create function standing.review_break_glass(p_id uuid, p_verdict text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); b record;
begin
  select g.case_id, g.user_id, g.reviewed_at into b from public.break_glass g where g.id = p_id for update;
  if b.case_id is null or b.user_id = me or gate.walled(me, b.case_id) or not exists (
       select 1 from public.case_standings s
        where s.case_id = b.case_id and s.holder = me and s.referral_id is null and (s.until is null or s.until > now())
          and (s.standing = 'supervisor'
            or s.standing = 'assigned' and not exists (select 1 from public.case_standings o where o.case_id = b.case_id and o.standing = 'supervisor' and o.holder not in (me, b.user_id)
                                                          and (o.until is null or o.until > now()) and not gate.walled(o.holder, b.case_id)))) then
    raise exception 'not hers to review' using errcode = 'BA403';
  end if;
  if b.reviewed_at is not null then
    raise exception 'reviewed already' using errcode = 'BA413';
  end if;
  update public.break_glass g set reviewed_by = me, reviewed_at = now(), verdict = p_verdict where g.id = p_id;
  perform standing.tell(b.user_id, 'break_glass_reviewed', null, p_id);
end $$;

-- ------------------------------------------------------------------ walls between one person and one case

-- The staff of an organisation who could meet a case: for choosing whom a wall keeps out, and to whom a case is given.
create function standing.staff_of(p_org uuid) returns table (id uuid, username text, name text, role text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct u.id, u.username, u.name, m.role
    from auth.memberships m join auth.users u on u.id = m.user_id
   where m.organisation_id = p_org and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())
     and m.role not in ('SYS_ADMIN', 'AUDITOR', 'DPO', 'STAT_OFFICER', 'STAT_APPROVER', 'UNIT_REPORTER')
     and auth.user_id() is not null
   order by u.name, u.id
$$;

-- The staff of the caller, to whom she may give a case.
create function standing.my_staff() returns table (id uuid, username text, name text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct u.id, u.username, u.name
    from auth.memberships m join auth.users u on u.id = m.user_id
   where m.supervisor = auth.user_id() and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())
     and m.role in ('COUNSELLOR', 'CASE_MANAGER', 'WU_FOCAL')
$$;

-- The holder or a supervisor of a case keeps somebody away from it. Not the holder herself: a case that nobody holds is lost.
create function standing.wall(p_id uuid, p_case uuid, p_username text, p_why text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); them uuid;
begin
  if gate.walled(me, p_case) or not exists (select 1 from public.case_standings s where s.case_id = p_case and s.holder = me and s.referral_id is null and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())) then
    raise exception 'not hers to wall' using errcode = 'BA403';
  end if;
  select u.id into them from auth.users u where u.username = p_username;
  if them is null then
    raise exception 'no such person' using errcode = 'BA414';
  end if;
  if them = me or exists (select 1 from public.cases k where k.id = p_case and k.owner = them) then
    raise exception 'the holder stays' using errcode = 'BA415';
  end if;
  insert into public.case_walls (id, case_id, user_id, why, set_by) values (p_id, p_case, them, p_why, me)
  on conflict (user_id, case_id) where lifted_at is null do nothing;
  update public.case_standings s set until = now(), why = 'wall' where s.case_id = p_case and s.holder = them and s.standing in ('break_glass', 'break_glass_safety') and s.until > now();
  return them;
end $$;

create function standing.lift_wall(p_case uuid, p_wall uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id();
begin
  if gate.walled(me, p_case) or not exists (select 1 from public.case_standings s where s.case_id = p_case and s.holder = me and s.referral_id is null and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())) then
    raise exception 'not hers to lift' using errcode = 'BA403';
  end if;
  update public.case_walls w set lifted_at = now() where w.id = p_wall and w.case_id = p_case and w.lifted_at is null;
  return found;
end $$;

-- Whether somebody of an organisation could take a case up: false when it has staff who receive and a wall stands before each of them.
create function standing.somebody_there(p_case uuid, p_org uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(bool_or(not gate.walled(m.user_id, p_case)), true)
    from auth.memberships m join auth.users u on u.id = m.user_id
   where m.organisation_id = p_org and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())
     and m.role in ('POLICE_FOCAL', 'WU_FOCAL', 'COUNSEL_PARTNER', 'HEALTH_FOCAL', 'LEGAL_AID_OFFICER', 'SHELTER_KEEPER', 'COMMUNE_OFFICER', 'COUNSELLOR', 'CASE_MANAGER')
$$;

create or replace function standing.assign(p_case uuid, p_user uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); org uuid;
begin
  if gate.walled(me, p_case) or not exists (select 1 from public.case_standings s where s.case_id = p_case and s.holder = me and s.standing = 'supervisor' and s.until is null) then
    raise exception 'not hers to assign' using errcode = 'BA403';
  end if;
  select m.organisation_id into org from auth.memberships m
   where m.user_id = p_user and m.supervisor = me and (m.valid_to is null or m.valid_to > now())
     and m.role in ('COUNSELLOR', 'CASE_MANAGER', 'WU_FOCAL');
  if org is null then
    raise exception 'not of her staff' using errcode = 'BA409';
  end if;
  if gate.walled(p_user, p_case) then
    raise exception 'cannot be assigned' using errcode = 'BA411'; -- and nobody says why
  end if;
  update public.case_standings set until = now() where case_id = p_case and standing = 'assigned' and until is null and holder <> p_user;
  insert into public.case_standings (case_id, standing, holder, why, granted_by) values (p_case, 'assigned', p_user, 'assigned by supervisor', me)
  on conflict do nothing;
  update public.cases set owner = p_user, organisation_id = org, updated_at = now(), version = version + 1 where id = p_case;
  perform standing.tell(p_user, 'assigned', p_case, null);
end $$;

create or replace function standing.address(p_referral uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); r record;
begin
  select x.case_id, x.to_org, x.status into r from public.referrals x where x.id = p_referral;
  if r.status is distinct from 'SENT' or gate.walled(me, r.case_id) or not exists (
       select 1 from public.case_standings s
        where s.case_id = r.case_id and s.holder = me and s.standing = 'assigned' and s.referral_id is null and (s.until is null or s.until > now())) then
    raise exception 'not hers to send' using errcode = 'BA403';
  end if;
  if not standing.somebody_there(r.case_id, r.to_org) then
    raise exception 'nobody there may take it' using errcode = 'BA412'; -- it would lie unseen while she waits for help
  end if;
  insert into public.case_standings (case_id, referral_id, standing, holder, why, granted_by)
  values (r.case_id, p_referral, 'addressee', r.to_org, 'referral sent', me);
end $$;

-- ------------------------------------------------------------------ seals, by two

create function standing.ask_seal(p_id uuid, p_case uuid, p_why text, p_names text[], p_second text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); other uuid; missing integer; boss uuid; mine uuid := auth.org_id();
begin
  if gate.walled(me, p_case) or not exists (select 1 from public.case_standings s where s.case_id = p_case and s.holder = me and s.referral_id is null and s.standing = 'assigned' and (s.until is null or s.until > now())) then
    raise exception 'not hers to seal' using errcode = 'BA403';
  end if;
  if p_second <> '' then
    select u.id into other from auth.users u join auth.memberships m on m.user_id = u.id
     where u.username = p_second and u.disabled_at is null and m.organisation_id = mine and (m.valid_to is null or m.valid_to > now()) limit 1;
  else
    select m.supervisor into other from auth.sessions s join auth.memberships m on m.id = s.membership_id
     where s.handle_hash = sha256(convert_to(current_setting('app.sid'), 'UTF8'));
  end if;
  if other is null or other = me or gate.walled(other, p_case) then
    return 'no_second';
  end if;
  if exists (select 1 from public.case_seals z where z.case_id = p_case and z.lifted_at is null) then
    return 'already';
  end if;
  select count(*) into missing from unnest(p_names) n where not exists (select 1 from auth.users u where u.username = n and u.disabled_at is null);
  if missing > 0 then
    return 'no_such_person';
  end if;
  insert into public.case_seals (id, case_id, why, asked_by, second) values (p_id, p_case, p_why, me, other);
  insert into public.case_seal_names (seal_id, user_id) select p_id, u.id from auth.users u where u.username = any (p_names) union select p_id, me;
  perform standing.tell(other, 'seal_asked', p_case, p_id);
  return 'asked';
end $$;

-- The named holder asks that the seal end.
create function standing.ask_unseal(p_case uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); z record;
begin
  select x.id, x.second into z from public.case_seals x where x.case_id = p_case and x.agreed_at is not null and x.lifted_at is null for update;
  if z.id is null or gate.walled(me, p_case) or z.second = me or not exists (select 1 from public.case_standings s where s.case_id = p_case and s.holder = me and s.referral_id is null and s.standing = 'assigned' and (s.until is null or s.until > now())) then
    return null;
  end if;
  update public.case_seals x set lift_asked_by = me, lift_asked_at = now() where x.id = z.id;
  insert into public.notices (recipient, kind, case_id, subject, by_user, by_org) values (z.second, 'unseal_asked', null, z.id, me, auth.org_id()); -- she may not see the case; she knows the seal
  return z.id;
end $$;

-- What waits for the caller as the second person. The code of a case is told only until the seal holds.
create function standing.seals_waiting() returns table (id uuid, why text, lifting boolean, asked_by text, asked_at timestamptz, code text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select z.id, z.why, z.agreed_at is not null, u.name, coalesce(z.lift_asked_at, z.asked_at), case when z.agreed_at is null and not gate.walled(z.second, z.case_id) then k.code end
    from public.case_seals z
    join public.cases k on k.id = z.case_id
    join auth.users u on u.id = coalesce(z.lift_asked_by, z.asked_by)
   where z.second = auth.user_id() and z.lifted_at is null and (z.agreed_at is null or z.lift_asked_at is not null)
   order by 5, 1
$$;

-- The second person agrees to the sealing, or to its end. Gives the case for the record; none when there is nothing of hers to agree to.
create function standing.agree_seal(p_seal uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); z record;
begin
  select x.* into z from public.case_seals x where x.id = p_seal and x.second = me and x.lifted_at is null for update;
  if z.id is null or (z.agreed_at is not null and z.lift_asked_at is null) then
    return null;
  end if;
  if z.agreed_at is null then
    update public.case_seals x set agreed_at = now() where x.id = z.id;
    -- Emergencies that were open end with it: whoever is not named sees nothing more.
    perform standing.tell(z.asked_by, 'sealed', z.case_id, z.id);
  else
    update public.case_seals x set lifted_at = now() where x.id = z.id;
    perform standing.tell(z.lift_asked_by, 'unsealed', z.case_id, z.id);
  end if;
  return z.case_id;
end $$;

-- ------------------------------------------------------------------ known elsewhere?

-- The cases whose tokens equal those asked: of others, or with p_near of the caller and her organisation. What they hold stays sealed; the key ring opens it and answers
-- with ids. Walled and sealed cases are not there.
create function standing.known(p_kinds text[], p_tokens bytea[], p_near boolean)
returns table (case_id uuid, code text, mine boolean, commune text, who text, kind text, token_id uuid, key bytea, sealed bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); org uuid := auth.org_id(); hidden uuid[] := gate.walls();
begin
  if me is null then
    return;
  end if;
  return query
    select k.id, k.code, k.owner = me, k.commune, t.who, t.kind, t.id, y.identity, coalesce(t.sealed, v.identity)
      from unnest(p_kinds, p_tokens) as q(kind, token)
      join public.case_tokens t on t.token = q.token and t.kind = q.kind
      join public.cases k on k.id = t.case_id
      join public.case_keys y on y.case_id = k.id
      join public.survivors v on v.case_id = k.id
     where k.status <> 'ERASED' and k.id <> all (hidden)
       and case when p_near then k.organisation_id = org or k.owner = me else k.owner <> me end
     order by k.id desc, t.id
     limit case when p_near then 100 else 2000 end; -- whoever records a case waits for it, and reads the newest anyway
end $$;

-- Whose cases were recorded before there were tokens: for the operator's command, which then works in the name of each.
create function standing.holders_without_tokens() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct u.username
    from public.cases k join auth.users u on u.id = k.owner
   where k.status <> 'ERASED' and u.disabled_at is null and not exists (select 1 from public.case_tokens t where t.case_id = k.id)
   order by 1
$$;

-- The holders of cases that fit are told who asked, so that they can talk to each other. The asker learns of no case.
create function standing.tell_known(p_cases uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare x record;
begin
  for x in select k.id, k.owner from public.cases k where k.id = any (p_cases[1:20]) and not gate.walled(auth.user_id(), k.id) loop
    perform standing.tell(x.owner, 'known', x.id, null);
  end loop;
end $$;

revoke execute on function gate.enter(text, text, text, uuid, text, integer, integer), gate.sealed(uuid), gate.walled(uuid, uuid), standing.tell(uuid, text, uuid, uuid),
  standing.tell_spent(text), standing.owes_review(uuid), standing.break_glass(uuid, uuid, text, text, integer, integer, timestamptz), standing.ask_safety(uuid),
  standing.open_safety(uuid), standing.review_break_glass(uuid, text), standing.staff_of(uuid), standing.my_staff(), standing.wall(uuid, uuid, text, text), standing.lift_wall(uuid, uuid),
  standing.somebody_there(uuid, uuid), standing.ask_seal(uuid, uuid, text, text[], text), standing.ask_unseal(uuid), standing.seals_waiting(), standing.agree_seal(uuid),
  standing.known(text[], bytea[], boolean), standing.tell_known(uuid[]), standing.holders_without_tokens() from public;

grant execute on function standing.holders_without_tokens() to binhan_migrator;
grant execute on function gate.enter(text, text, text, uuid, text, integer, integer) to binhan_app, binhan_releaser, binhan_statistics, binhan_auditor;
grant execute on function gate.sealed(uuid) to binhan_app, binhan_auditor, binhan_owner;
grant execute on function gate.walled(uuid, uuid) to binhan_owner;
grant execute on function standing.tell_spent(text), standing.owes_review(uuid), standing.break_glass(uuid, uuid, text, text, integer, integer, timestamptz), standing.ask_safety(uuid),
  standing.open_safety(uuid), standing.review_break_glass(uuid, text), standing.staff_of(uuid), standing.my_staff(), standing.wall(uuid, uuid, text, text), standing.lift_wall(uuid, uuid),
  standing.somebody_there(uuid, uuid), standing.ask_seal(uuid, uuid, text, text[], text), standing.ask_unseal(uuid), standing.seals_waiting(), standing.agree_seal(uuid),
  standing.known(text[], bytea[], boolean), standing.tell_known(uuid[]) to binhan_app;

reset role;
set role binhan_owner;
grant usage on schema standing to binhan_migrator;
reset role;
-- +goose StatementEnd
