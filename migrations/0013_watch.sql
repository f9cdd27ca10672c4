-- +goose Up
-- +goose StatementBegin

-- Watching those who look: kin and neighbours, found inside the key ring and kept as a bare mark; sign-ins that say from where and on which device; a case that is under
-- seal exists for its named people alone, whatever office asks. See docs/decisions/the-watch.md.

set role binhan_owner;

-- ------------------------------------------------------------------ who stands near whom

-- What a member of staff told about herself so that her own kin are kept from her eyes: name, commune, address, telephone, id number, sealed for her. The program opens
-- it for nobody; the key ring compares it with the people of a case and answers one word.
create table auth.cards (
  user_id uuid constraint cards_pkey primary key references auth.users (id),
  wrapped bytea not null,
  sealed bytea not null,
  given_at timestamptz not null default now()
);
comment on column auth.cards.user_id is 'operational: whose';
comment on column auth.cards.wrapped is 'secret: wrapped data key';
comment on column auth.cards.sealed is 'secret: sealed: what she told about herself for the watch';
comment on column auth.cards.given_at is 'operational: when';

-- Pairs of whom the ring said that they stand near, and that were looked at or tried: 'tie' she herself, 'house' somebody of her house. Which of name, address and telephone
-- it was, and with whom of the case, is not kept.
create table audit.ties (
  user_id uuid not null references auth.users (id),
  case_id uuid not null,
  code text not null,
  found_at timestamptz not null default now(),
  constraint ties_pkey primary key (user_id, case_id, code),
  constraint tie_is_of_a_known_kind check (code in ('tie', 'house'))
);
create index ties_of_case on audit.ties (case_id);
comment on column audit.ties.user_id is 'operational: who looked';
comment on column audit.ties.case_id is 'operational: at which case';
comment on column audit.ties.code is 'personal: that she, or somebody of her house, stands near somebody of the case; not how';
comment on column audit.ties.found_at is 'operational: when';

-- How far the watch has looked.
create table audit.watched (
  one boolean constraint watched_pkey primary key default true,
  xact xid8 not null,
  entry bigint not null,
  at timestamptz not null default now(),
  constraint there_is_one_watch check (one)
);
insert into audit.watched (xact, entry) values ('0', 0);
comment on column audit.watched.one is 'operational: there is one';
comment on column audit.watched.xact is 'operational: transaction of the last entry looked at';
comment on column audit.watched.entry is 'operational: its number';
comment on column audit.watched.at is 'operational: when';

-- ------------------------------------------------------------------ rights: what was corrected, and into whose hands a copy went

-- The corrections by which a request to correct was done, named when it was called done.
create table rights.request_corrections (
  request_id uuid not null references rights.requests (id),
  correction_id uuid not null references public.case_history (id) on delete cascade,
  constraint request_corrections_pkey primary key (request_id, correction_id)
);
create index request_corrections_of_correction on rights.request_corrections (correction_id);
comment on column rights.request_corrections.request_id is 'operational: the request';
comment on column rights.request_corrections.correction_id is 'operational: a correction that answered it';

-- The receipt of a copy: handed to whom, how it was made sure who that is, by whom, when. Printed and signed on paper; the name of whoever takes it stands there alone.
create table rights.handovers (
  id uuid constraint handovers_pkey primary key,
  copy_id uuid not null constraint a_copy_is_handed_over_once unique references rights.copies (id),
  case_id uuid not null references public.cases (id),
  to_whom text not null,
  identity_check text not null,
  by_user uuid not null references auth.users (id),
  at timestamptz not null default now()
);
create index handovers_of_case on rights.handovers (case_id);
comment on column rights.handovers.id is 'operational: random id, printed on the receipt';
comment on column rights.handovers.copy_id is 'operational: the copy';
comment on column rights.handovers.case_id is 'operational: the case';
comment on column rights.handovers.to_whom is 'operational: list consent_actor';
comment on column rights.handovers.identity_check is 'operational: list dsr_identity_check';
comment on column rights.handovers.by_user is 'operational: by whom';
comment on column rights.handovers.at is 'operational: when';
alter table rights.handovers enable row level security;
alter table rights.handovers force row level security;
create policy seen on rights.handovers for select to binhan_app using (rights.sees(case_id));
create policy written on rights.handovers for insert to binhan_app with check (by_user = (select auth.user_id()) and rights.sees(case_id)
  and exists (select 1 from rights.copies c where c.id = copy_id and c.case_id = handovers.case_id));
create trigger handovers_are_never_changed before update or delete on rights.handovers for each row execute function rights.refuse_change();
create constraint trigger handovers_change_is_recorded after insert or update or delete on rights.handovers
  deferrable initially deferred for each row execute function audit.must_be_recorded();
grant select, insert on rights.handovers to binhan_app;
grant select, insert on rights.request_corrections to binhan_keeper;

insert into keys.places values ('auth.cards.wrapped', 'auth.cards', 'user_id', 'user_id', null, 'wrapped', 'identity', 11);
grant select, insert, update on auth.cards to binhan_keeper;
grant select, insert, delete on audit.ties to binhan_keeper;
grant select, update on audit.watched to binhan_keeper;
grant create on schema rights to binhan_keeper;

set role binhan_keeper;

create function auth.keep_card(p_wrapped bytea, p_sealed bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := (select s.user_id from auth.self() s);
begin
  if me is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  insert into auth.cards as c (user_id, wrapped, sealed) values (me, p_wrapped, p_sealed)
  on conflict on constraint cards_pkey do update set wrapped = excluded.wrapped, sealed = excluded.sealed, given_at = now();
end $$;

create function auth.my_card() returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.given_at from auth.cards c where c.user_id = (select s.user_id from auth.self() s)
$$;

-- One line of the record about an account, with where it came from. The program says address and device for the transaction; the device of a session that was opened is
-- the session's own, for a browser that was never here gets its mark only now. A sign-in on a device that is new to her says so: her devices of before know it.
create or replace function auth.note(p_user uuid, p_handle text, p_act text, p_decision text, p_reason text, p_request text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare from_device bytea := decode(coalesce(nullif(current_setting('app.device', true), ''), ''), 'hex'); said text;
begin
  if p_handle is not null then
    select coalesce(s.device, from_device) into from_device from auth.sessions s where s.handle_hash = sha256(convert_to(p_handle, 'UTF8'));
  end if;
  if length(from_device) = 0 then
    from_device := null;
  end if;
  if p_act = 'session.open' and p_user is not null and from_device is not null
     and exists (select from auth.devices d where d.user_id = p_user and d.hash <> from_device)
     and not exists (select from auth.devices d where d.user_id = p_user and d.hash = from_device and d.first_at < now()) then
    said := 'new_device';
  end if;
  insert into audit.entries (actor, organisation, role, session, act, kind, classes, decision, reason, request, client, device, condition)
  select p_user, m.organisation_id, m.role, case when p_handle is not null then substr(sha256(convert_to(p_handle, 'UTF8')), 1, 8) end,
         p_act, 'session', '{}', p_decision, p_reason, p_request, nullif(current_setting('app.client', true), '')::inet, from_device, said
    from (select 1) one
    left join lateral (select x.organisation_id, x.role from auth.memberships x
                        where x.user_id = p_user and x.valid_from <= now() and (x.valid_to is null or x.valid_to > now())
                        order by x.valid_from limit 1) m on true;
end $$;

-- The next pairs to compare: who looked at what is not hers to hold, or was refused there, in the order of the record after what was looked at last. An empty pair says
-- how far the record was read when nothing more is there.
create function audit.watch_due(p_works text[], p_limit integer)
returns table (user_id uuid, case_id uuid, xact text, entry bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare w audit.watched; n integer;
begin
  select * into w from audit.watched;
  return query
    select e.actor, e.case_id, e.xact::text, e.id from audit.entries e
     where e.xact >= w.xact and (e.xact > w.xact or e.id > w.entry) and e.xact < pg_snapshot_xmin(pg_current_snapshot())
       and e.actor is not null and e.case_id is not null
       and (e.decision = 'refused'
            or not e.act = any (p_works) and e.act <> 'case.access' and coalesce(e.standing, '') not like '%assigned%'
               and e.classes && array['identity', 'safety', 'narrative', 'evidence', 'disclosure'])
     order by e.xact, e.id limit p_limit;
  get diagnostics n = row_count;
  if n < p_limit then
    return query select null::uuid, null::uuid, pg_snapshot_xmin(pg_current_snapshot())::text, 0::bigint;
  end if;
end $$;

-- What the ring needs to compare one pair that the record has: all of it sealed but names of staff and communes. Nothing for a pair that never met.
create function audit.watch_question(p_user uuid, p_case uuid)
returns table (what text, owner uuid, id uuid, wrapped bytea, sealed bytea, name text, commune text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with pair as (
    select (select e.organisation from audit.entries e where e.actor = p_user and e.case_id = p_case order by e.id desc limit 1) as org
     where exists (select from audit.entries e where e.actor = p_user and e.case_id = p_case)
  ), house as (
    select distinct on (u.id) u.id, u.name, o.commune from auth.memberships m join auth.users u on u.id = m.user_id join public.organisations o on o.id = m.organisation_id
     where m.organisation_id = (select org from pair) and u.id <> p_user and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())
     order by u.id limit 200
  )
  select 'self', c.user_id, c.user_id, c.wrapped, c.sealed, null, null from auth.cards c, pair where c.user_id = p_user
  union all
  select 'house', h.id, h.id, c.wrapped, c.sealed, h.name, h.commune from house h left join auth.cards c on c.user_id = h.id
  union all
  select 'identity', p_case, p_case, k.identity, s.identity, null, null from public.case_keys k join public.survivors s on s.case_id = k.case_id, pair where k.case_id = p_case
  union all
  select 'safety', p_case, p_case, k.safety, s.safety, null, null from public.case_keys k join public.survivors s on s.case_id = k.case_id, pair where k.case_id = p_case
  union all
  (select 'names', p_case, i.id, k.identity, i.identity, null, null from public.case_keys k join public.incidents i on i.case_id = k.case_id, pair where k.case_id = p_case order by i.recorded_at, i.id limit 20)
  union all
  select 'commune', null, null, null, null, null, x.commune
    from (select c.commune from public.cases c, pair where c.id = p_case union select i.commune from public.incidents i, pair where i.case_id = p_case) x where x.commune is not null
$$;

-- Keeps what the ring said of a pair; nothing is no row.
create function audit.watch_keep(p_user uuid, p_case uuid, p_codes text[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into audit.ties (user_id, case_id, code)
  select p_user, p_case, x from unnest(p_codes) x
   where exists (select from audit.entries e where e.actor = p_user and e.case_id = p_case) and exists (select from public.cases c where c.id = p_case and c.status <> 'ERASED')
  on conflict do nothing
$$;

create function audit.watch_moved(p_xact text, p_entry bigint) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  update audit.watched w set xact = p_xact::xid8, entry = p_entry, at = now() where (w.xact, w.entry) <= (p_xact::xid8, p_entry)
$$;

-- How much the watch can know: of how many staff it has a card, and until when it has looked.
create function audit.watch_state() returns table (staff integer, cards integer, looked_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select (select count(*)::integer from auth.users u where u.disabled_at is null),
         (select count(*)::integer from auth.cards c join auth.users u on u.id = c.user_id where u.disabled_at is null),
         (select w.at from audit.watched w where w.entry > 0 or w.xact > '0')
$$;

-- Access out of the ordinary, by rules over the record and the staff's data. One row a rule, person, day and, for some rules, case. p_works are the acts that are work on
-- a case; whatever else touches a case is only looking. The plaintext of nobody is used: of kin and neighbours it knows the marks that the key ring gave.
create or replace function audit.unusual(p_from date, p_to date, p_works text[])
returns table (finding text, rule text, day date, actor uuid, case_id uuid, n bigint, first_at timestamptz, last_at timestamptz, weight integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  since constant timestamptz := p_from::timestamp at time zone 'Asia/Ho_Chi_Minh';
  till constant timestamptz := (p_to + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh';
begin
  return query
  with e as materialized (
    select x.id, x.at, x.actor, x.organisation, x.role, x.act, x.subject, x.case_id, x.classes, x.decision, coalesce(x.standing, '') as standing, x.device, coalesce(x.condition, '') as condition,
           (x.at at time zone 'Asia/Ho_Chi_Minh')::date as day, extract(hour from x.at at time zone 'Asia/Ho_Chi_Minh') as hour,
           x.act = any (p_works) as works
      from audit.entries x
     where x.at >= since - interval '28 days' and x.at < till + interval '1 day' and x.actor is not null
  ), looks as materialized (
    -- An open case of somebody else's, with something in it that tells who she is or what happened. Her holder looks by right and by duty.
    select * from e
     where decision = 'allowed' and case_id is not null and not works and act <> 'case.access' and standing not like '%assigned%'
       and classes && array['identity', 'safety', 'narrative', 'evidence', 'disclosure']
  ), works as materialized (
    select actor, case_id, at from e where decision = 'allowed' and case_id is not null and works
  ), idle as materialized (
    -- looked at and nothing done on it, neither before nor soon after
    select l.* from looks l
     where l.at >= since and l.at < till
       and not exists (select from works w where w.actor = l.actor and w.case_id = l.case_id and w.at between l.at - interval '28 days' and l.at + interval '1 day')
  ), opened as (
    select actor, day, count(distinct case_id) as n, min(at) as first_at, max(at) as last_at from e
     where decision = 'allowed' and case_id is not null and not works and classes && array['identity', 'safety', 'narrative', 'evidence', 'disclosure']
     group by actor, day
  ), found as (
    -- many cases in a day, for her
    select 'bulk' as rule, o.day, o.actor, null::uuid as case_id, o.n, o.first_at, o.last_at, 3 as weight from opened o
     where o.day between p_from and p_to and o.n >= 15
       and o.n > 2 * coalesce((select percentile_cont(0.9) within group (order by b.n) from opened b where b.actor = o.actor and b.day < o.day and b.day >= o.day - 28), 0)
    union all
    -- at night, and nothing done on the case
    select 'night', day, actor, null, count(distinct case_id), min(at), max(at), 2 from idle where hour >= 22 or hour < 5 group by day, actor
    union all
    -- by day, and nothing done on several
    select 'no_task', day, actor, null, count(distinct case_id), min(at), max(at), case when count(distinct case_id) >= 5 then 3 else 1 end from idle
     where hour >= 5 and hour < 22 group by day, actor having count(distinct case_id) >= 2
    union all
    -- tried many doors
    select 'refused', day, actor, null, count(distinct coalesce(subject, case_id)), min(at), max(at), 2 from e
     where decision = 'refused' and at >= since and at < till and condition not in ('step_up_required') and condition not like '%budget%' group by day, actor having count(distinct coalesce(subject, case_id)) >= 4
    union all
    -- before a wall: kin, a neighbour, a conflict of interest, a case under seal
    select 'wall', day, actor, case_id, count(*), min(at), max(at), 3 from e
     where decision = 'refused' and condition in ('wall', 'sealed') and at >= since and at < till group by day, actor, case_id
    union all
    -- a colleague's case that is not hers
    select 'colleague', x.day, x.actor, null, count(distinct x.case_id), min(x.at), max(x.at), 2 from e x join public.cases c on c.id = x.case_id
     where x.decision = 'refused' and x.at >= since and x.at < till and c.organisation_id = x.organisation and c.owner <> x.actor group by x.day, x.actor having count(distinct x.case_id) >= 2
    union all
    -- searched and searched, and opened nothing after most of it: who looks for one name again and again does her own work in between, and some of it falls close by chance
    select 'search', s.day, s.actor, null, count(*), min(s.at), max(s.at), 2 from (
      select x.day, x.actor, x.at, x.act, x.decision,
             min(x.at) filter (where x.case_id is not null and x.decision = 'allowed') over (partition by x.actor order by x.at desc, x.id desc) as opens_at
        from e x where x.at >= since) s
     where s.act in ('case.search', 'case.known', 'case.look_up') and s.decision = 'allowed' and s.at < till
     group by s.day, s.actor having count(*) >= 10 and count(*) filter (where s.opens_at <= s.at + interval '3 minutes') * 2 < count(*)
    union all
    select 'budget', day, actor, null, count(*), min(at), max(at), 3 from e
     where decision = 'refused' and condition like '%budget%' and at >= since and at < till group by day, actor
    union all
    -- near to somebody of the case by what the ring alone compared, herself or somebody of her house, and nothing done on it; or refused there
    select t.code, x.day, x.actor, x.case_id, count(*), min(x.at), max(x.at), 3 from (
      select i.day, i.actor, i.case_id, i.at from idle i
      union all
      select r.day, r.actor, r.case_id, r.at from e r where r.decision = 'refused' and r.case_id is not null and r.at >= since and r.at < till and r.condition <> 'step_up_required') x
      join audit.ties t on t.user_id = x.actor and t.case_id = x.case_id
     group by t.code, x.day, x.actor, x.case_id
    union all
    -- a sealed part did not open where it lies: somebody altered or moved it. Who looked is a witness and no suspect.
    select 'damaged', day, actor, case_id, count(*), min(at), max(at), 3 from e
     where decision = 'allowed' and condition = 'damaged' and at >= since and at < till group by day, actor, case_id
    union all
    -- an emergency that nobody has looked at in time
    select 'unreviewed', (b.review_due at time zone 'Asia/Ho_Chi_Minh')::date, b.user_id, b.case_id, 1, b.opened_at, b.opened_at, 3 from public.break_glass b
     where b.reviewed_at is null and b.review_due < now() and b.review_due >= since and b.review_due < till
    union all
    -- for the first time on this device, at night
    select 'new_device', f.day, f.actor, null, count(*), min(f.at), max(f.at), 1 from (
      select distinct on (actor, device) actor, device, at, day, hour from e where device is not null order by actor, device, id) f
     where f.at >= since and f.at < till and (f.hour >= 22 or f.hour < 5)
       and exists (select from e b where b.actor = f.actor and b.device is not null and b.device <> f.device and b.at < f.at)
     group by f.day, f.actor
  )
  select md5(f.rule || '|' || f.day || '|' || f.actor || '|' || coalesce(f.case_id::text, '')), f.rule, f.day, f.actor,
         case when f.case_id is not null and not gate.sealed(f.case_id) then f.case_id end, f.n, f.first_at, f.last_at, f.weight
    from found f
   order by f.weight desc, f.day desc, f.n desc, 1;
end $$;

-- Whether a session's holder may know of the requests about a case: by her office, or because she holds it or supervises its holder; never through a wall or a seal.
create function rights.steers(p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select (rights.office() = 'DPO'
          or exists (select 1 from public.case_standings s where s.case_id = p_case and s.referral_id is null and s.holder = any (auth.principals())
                        and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())))
     and not gate.walled(auth.user_id(), p_case)
$$;

-- Names the corrections since a request came by which it was done: those of p_ids, or all when none is named. Answers how many.
create function rights.name_corrections(p_request uuid, p_ids uuid[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare n integer;
begin
  insert into rights.request_corrections (request_id, correction_id)
  select r.id, h.id from rights.requests r join public.case_history h on h.case_id = r.case_id and h.at >= r.received_at
   where r.id = p_request and r.kind = 'RECTIFY' and r.ended_at is null and rights.steers(r.case_id) and (cardinality(p_ids) = 0 or h.id = any (p_ids));
  get diagnostics n = row_count;
  return n;
end $$;

-- What was named: which fields, when, by whom. Never what stood there.
create function rights.corrections_of(p_request uuid) returns table (id uuid, at timestamptz, by_user uuid, version integer, fields text[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select h.id, h.at, h.by_user, h.version, h.fields
    from rights.request_corrections x join rights.requests r on r.id = x.request_id join public.case_history h on h.id = x.correction_id
   where x.request_id = p_request and rights.steers(r.case_id)
   order by h.at, h.id
$$;

-- The case that a code or an id means, for the data protection officer and for her who holds it or supervises its holder. A sealed case is there for its named people alone:
-- an office is no name.
create or replace function rights.find_case(p_text text) returns table (id uuid, code text) language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select c.id, c.code from public.cases c
     where (c.code = upper(p_text) or c.id::text = lower(p_text)) and c.status <> 'ERASED'
       and (rights.office() = 'DPO'
            or exists (select 1 from public.case_standings s where s.case_id = c.id and s.referral_id is null and s.holder = any (auth.principals())
                          and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())))
       and not gate.walled(auth.user_id(), c.id);
end $$;

-- What may be disposed of, with the same limit.
create or replace function rights.due(p_unconverted integer, p_within integer, p_limit integer)
returns table (case_id uuid, case_code text, rule text, keep_until date, closed_on date, held boolean, erasure uuid, erasure_state text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare today date := (now() at time zone 'Asia/Ho_Chi_Minh')::date; office text := rights.office(); mine uuid[] := auth.principals();
begin
  return query
    select c.id, c.code, d.rule, d.keep_until, d.starts_on, rights.held(c.id), e.id, e.state
      from (select t.case_id as id, t.rule, t.keep_until, t.starts_on from rights.terms t where t.keep_until <= today + p_within
            union all
            select x.id, 'UNCONVERTED', ((x.updated_at at time zone 'Asia/Ho_Chi_Minh') + make_interval(years => p_unconverted))::date, null
              from public.cases x
             where x.status in ('NEW', 'SCREENING') and x.updated_at < now() - make_interval(years => p_unconverted) + make_interval(days => p_within)) d
      join public.cases c on c.id = d.id and c.status <> 'ERASED'
      left join rights.erasures e on e.case_id = c.id and e.state <> 'REFUSED'
     where (office = 'DPO'
            or exists (select 1 from public.case_standings s where s.case_id = c.id and s.holder = any (mine) and s.standing = 'supervisor' and (s.until is null or s.until > now())))
       and not gate.walled(auth.user_id(), c.id)
     order by d.keep_until, c.id
     limit p_limit;
end $$;

-- What an erasure takes of a case, the marks of the watch with it.
create or replace function rights.empty_case(p_case uuid, out keys integer, out snapshots integer, out sealed_values integer, out files integer)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare n integer;
begin
  perform 1 from public.cases c where c.id = p_case for update;
  delete from public.case_keys k where k.case_id = p_case;
  get diagnostics keys = row_count;
  keys := keys * 4;
  delete from public.referral_keys k where k.case_id = p_case;
  get diagnostics n = row_count;
  keys := keys + n;
  delete from public.referral_talk_keys k where k.case_id = p_case;
  get diagnostics n = row_count;
  keys := keys + n;
  delete from rights.request_keys k where k.case_id = p_case;
  get diagnostics n = row_count;
  keys := keys + n;
  delete from public.referral_snapshots k where k.case_id = p_case;
  get diagnostics snapshots = row_count;
  delete from public.survivors s where s.case_id = p_case;
  get diagnostics sealed_values = row_count;
  delete from public.incidents i where i.case_id = p_case;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  delete from public.case_history h where h.case_id = p_case;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  delete from public.evidence e where e.case_id = p_case;
  get diagnostics files = row_count;
  delete from public.case_tokens t where t.case_id = p_case;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.break_glass b set reason = null where b.case_id = p_case and b.reason is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.consents c set narrative = '' where c.case_id = p_case and c.narrative <> '';
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.referral_moves m set sealed = null where m.case_id = p_case and m.sealed is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.referrals r set commune = null, age_band = 'UNK', needs = '{}',
         status = case when r.status in ('DRAFT', 'SENT', 'RECEIVED', 'INFO_REQUESTED', 'ACCEPTED', 'IN_SERVICE') then 'CANCELLED' else r.status end,
         ended_at = coalesce(r.ended_at, now())
   where r.case_id = p_case;
  update public.case_closures c set note = null where c.case_id = p_case and c.note is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update rights.request_moves m set sealed = null where m.case_id = p_case and m.sealed is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update rights.requests q set sealed = null where q.case_id = p_case and q.sealed is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n + 1;
  delete from rights.terms t where t.case_id = p_case;
  delete from audit.ties x where x.case_id = p_case; -- a mark says something about her; the record of acts stays
  update public.cases c set status = 'ERASED', narrative = '', commune = null, area = null, risk = null, updated_at = now(), version = c.version + 1 where c.id = p_case;
  update public.case_standings s set until = now(), why = 'erased' where s.case_id = p_case and (s.until is null or s.until > now());
end $$;

reset role;
set role binhan_owner;
revoke create on schema rights from binhan_keeper;
revoke execute on function auth.keep_card(bytea, bytea), auth.my_card(), audit.watch_due(text[], integer), audit.watch_question(uuid, uuid), audit.watch_keep(uuid, uuid, text[]),
  audit.watch_moved(text, bigint), audit.watch_state() from public;
grant execute on function auth.keep_card(bytea, bytea), auth.my_card() to binhan_app;
grant execute on function audit.watch_due(text[], integer), audit.watch_question(uuid, uuid), audit.watch_keep(uuid, uuid, text[]), audit.watch_moved(text, bigint) to binhan_sealer;
grant execute on function audit.watch_state() to binhan_auditor;
revoke execute on function rights.steers(uuid), rights.name_corrections(uuid, uuid[]), rights.corrections_of(uuid) from public;
grant execute on function rights.name_corrections(uuid, uuid[]), rights.corrections_of(uuid) to binhan_app;

reset role;
-- +goose StatementEnd
