-- +goose Up
-- +goose StatementBegin

-- The record of acts, made so that nobody can change it unseen: more is said of each decision, the record lies in months, and over it grows an RFC 6962
-- tree whose signed checkpoints are anchored outside of this database. See docs/decisions/the-record.md.

set role binhan_owner;

-- ------------------------------------------------------------------ months

drop view audit.trail;

alter table audit.entries rename to entries_first;
alter table audit.entries_first alter column id drop identity;
alter table audit.entries_first drop constraint entries_pkey;
alter table audit.entries_first add constraint entries_first_pkey primary key (id, at);
alter index audit.entries_by_xact rename to entries_first_by_xact;
alter index audit.entries_by_case rename to entries_first_by_case;
alter index audit.entries_by_actor rename to entries_first_by_actor;
alter table audit.entries_first
  add column client inet,
  add column device bytea,
  add column unwraps integer not null default 0,
  add column condition text;

create sequence audit.entry_ids as bigint;

-- Rolled back acts leave gaps in the numbers; no number is given twice, which the proof of the record checks.
create table audit.entries (
  id bigint not null default nextval('audit.entry_ids'),
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
  client inet,
  device bytea,
  unwraps integer not null default 0,
  condition text,
  constraint entries_pkey primary key (id, at),
  constraint decision_is_known check (decision in ('allowed', 'refused'))
) partition by range (at);
alter sequence audit.entry_ids owned by audit.entries.id;

create index entries_by_xact on audit.entries (xact, case_id);
create index entries_by_case on audit.entries (case_id, id desc) where case_id is not null;
create index entries_by_actor on audit.entries (actor, id desc);
create index entries_by_time on audit.entries using brin (at);

-- What was recorded so far becomes the first part, whole and where it lies.
do $$
declare until timestamptz;
begin
  perform setval('audit.entry_ids', greatest((select max(id) from audit.entries_first), 1), exists (select from audit.entries_first));
  select greatest('2027-01-01 00:00+00'::timestamptz, date_trunc('month', max(e.at), 'UTC') + interval '1 month') into until from audit.entries_first e;
  execute format('alter table audit.entries attach partition audit.entries_first for values from (minvalue) to (%L)', until);
end $$;

-- Nothing is ever without a place: what no month takes lies here.
create table audit.entries_other partition of audit.entries default;

create trigger record_is_never_changed before update or delete or truncate on audit.entries
  for each statement execute function audit.refuse_change();
create trigger record_is_never_changed before update or delete or truncate on audit.entries_other
  for each statement execute function audit.refuse_change();

-- The months to come, made ahead by the sealer. A month is made aside and attached, which waits for nobody's insert for longer than a moment.
create function audit.make_room() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare month timestamptz; name text; made integer := 0;
begin
  for i in 0..3 loop
    month := date_trunc('month', now(), 'UTC') + make_interval(months => i);
    name := 'entries_' || to_char(month at time zone 'UTC', 'YYYY_MM');
    if to_regclass('audit.' || name) is not null then
      continue;
    end if;
    begin
      execute format('create table audit.%I (like audit.entries including defaults including constraints including indexes including comments)', name);
      execute format('create trigger record_is_never_changed before update or delete or truncate on audit.%I for each statement execute function audit.refuse_change()', name);
      execute format('alter table audit.entries attach partition audit.%I for values from (%L) to (%L)', name, month, month + interval '1 month');
      made := made + 1;
    exception when invalid_object_definition or check_violation or duplicate_table then
      null; -- the first part or the rest has that time already
    end;
  end loop;
  return made;
end $$;

-- ------------------------------------------------------------------ the tree

-- One row a seal: the entries that it adds to the tree, in the order of their transactions; every hash that they add to the store of the tree (32 bytes each, numbered
-- as golang.org/x/mod/sumdb/tlog numbers them); and the signed checkpoint of the tree with them. A second sealer cannot fork the tree: base is unique.
create table audit.seals (
  size bigint constraint seals_pkey primary key,
  base bigint not null constraint seal_continues_one_seal unique,
  xact xid8 not null,
  entry bigint not null,
  version smallint not null,
  entries bigint[] not null,
  hashes bytea not null,
  checkpoint text not null,
  sealed_at timestamptz not null default clock_timestamp(),
  constraint seal_counts_its_entries check (base >= 0 and size > base and size - base = cardinality(entries))
);
alter table audit.seals alter column hashes set storage external; -- proofs read 32 bytes out of the middle

create trigger record_is_never_changed before update or delete or truncate on audit.seals
  for each statement execute function audit.refuse_change();

comment on column audit.seals.size is 'operational: leaves of the tree with this seal';
comment on column audit.seals.base is 'operational: leaves before it';
comment on column audit.seals.xact is 'operational: transaction of its last entry';
comment on column audit.seals.entry is 'operational: its last entry';
comment on column audit.seals.version is 'operational: how its leaves are written';
comment on column audit.seals.entries is 'operational: its entries in order';
comment on column audit.seals.hashes is 'secret: hashes of the tree; nothing can be read from them';
comment on column audit.seals.checkpoint is 'operational: signed size and root';
comment on column audit.seals.sealed_at is 'operational: when';

-- ------------------------------------------------------------------ what came of a finding

-- Findings are not kept: they are computed from the record each time, and the same deeds give the same key. What an inspector said of one is kept, and never changed.
create table audit.reviews (
  id bigint generated always as identity constraint reviews_pkey primary key,
  finding text not null,
  rule text not null,
  day date not null,
  actor uuid not null,
  case_id uuid,
  outcome text not null,
  code text,
  by_user uuid not null references auth.users (id),
  at timestamptz not null default clock_timestamp(),
  constraint review_outcome_is_known check (outcome in ('seen', 'explained', 'pursued')),
  constraint review_says_why check (outcome = 'seen' or code is not null)
);
create index reviews_of_finding on audit.reviews (finding, id desc);
create trigger record_is_never_changed before update or delete or truncate on audit.reviews
  for each statement execute function audit.refuse_change();

comment on column audit.reviews.id is 'operational: number';
comment on column audit.reviews.finding is 'operational: key of the finding';
comment on column audit.reviews.rule is 'operational: by which rule';
comment on column audit.reviews.day is 'operational: of which day';
comment on column audit.reviews.actor is 'operational: about whom';
comment on column audit.reviews.case_id is 'operational: about which case';
comment on column audit.reviews.outcome is 'operational: what came of it';
comment on column audit.reviews.code is 'operational: the explanation';
comment on column audit.reviews.by_user is 'operational: who says so';
comment on column audit.reviews.at is 'operational: when';

-- ------------------------------------------------------------------ what is said of a decision

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
comment on column audit.entries.case_id is 'operational: the case, for a refusal too';
comment on column audit.entries.classes is 'operational: what was opened';
comment on column audit.entries.decision is 'operational: allowed or refused';
comment on column audit.entries.standing is 'operational: why she may';
comment on column audit.entries.reason is 'operational: coded reason';
comment on column audit.entries.note is 'secret: sealed reason in words';
comment on column audit.entries.request is 'operational: request id';
comment on column audit.entries.client is 'personal: network address of the device';
comment on column audit.entries.device is 'secret: hash of the device''s own secret';
comment on column audit.entries.unwraps is 'operational: how many keys were opened';
comment on column audit.entries.condition is 'operational: what let it happen, or stopped it';
comment on column audit.entries_first.client is 'personal: network address of the device';
comment on column audit.entries_first.device is 'secret: hash of the device''s own secret';
comment on column audit.entries_first.unwraps is 'operational: how many keys were opened';
comment on column audit.entries_first.condition is 'operational: what let it happen, or stopped it';

grant select, insert on audit.entries to binhan_keeper;
grant usage on sequence audit.entry_ids to binhan_keeper;
grant select, insert on audit.reviews to binhan_keeper;
grant usage on schema audit to binhan_sealer;
grant select on audit.entries to binhan_sealer;
grant select, insert on audit.seals to binhan_sealer;
grant select (size, base, xact, entry, checkpoint, sealed_at) on audit.seals to binhan_auditor;
revoke execute on function audit.make_room() from public;
grant execute on function audit.make_room() to binhan_sealer;

set role binhan_keeper;

-- The record of an act, in its transaction. Who did it comes from the session, not from the caller. A refusal carries the case of its subject, and the wall that she
-- met: the holder shall see that somebody was refused. She herself is told nothing of either.
drop function audit.add(text, text, uuid, uuid[], text[], text, text, text, bytea, text);
create function audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text,
                          p_reason text, p_note bytea, p_request text,
                          p_client text default null, p_device bytea default null, p_unwraps integer default 0, p_condition text default null) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare who record; c uuid;
begin
  select s.user_id, s.organisation_id, m.role, substr(s.handle_hash, 1, 8) as session into who
    from auth.sessions s join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
     and s.expires_at > now();
  if not found then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if p_decision = 'refused' and p_subject is not null and cardinality(p_cases) = 0 then
    case p_kind
      when 'case' then select x.id into c from public.cases x where x.id = p_subject;
      when 'referral' then select x.case_id into c from public.referrals x where x.id = p_subject;
      when 'consent' then select x.case_id into c from public.consents x where x.id = p_subject;
      when 'evidence' then select x.case_id into c from public.evidence x where x.id = p_subject;
      when 'break_glass' then select x.case_id into c from public.break_glass x where x.id = p_subject;
      else c := null;
    end case;
    if exists (select from public.case_walls w where w.case_id = c and w.user_id = who.user_id and w.lifted_at is null) then
      p_condition := 'wall';
    elsif c is not null and gate.sealed(c) then
      p_condition := 'sealed';
    end if;
    insert into audit.entries (actor, organisation, role, session, act, kind, subject, case_id, classes, decision, standing, reason, note, request, client, device, unwraps, condition)
    values (who.user_id, who.organisation_id, who.role, who.session, p_act, p_kind, p_subject, c, p_classes, p_decision, p_standing, p_reason, p_note, p_request,
            p_client::inet, p_device, p_unwraps, p_condition);
    return;
  end if;
  insert into audit.entries (actor, organisation, role, session, act, kind, subject, case_id, classes, decision, standing, reason, note, request, client, device, unwraps, condition)
  select who.user_id, who.organisation_id, who.role, who.session, p_act, p_kind, p_subject, x, p_classes, p_decision, p_standing, p_reason, p_note, p_request,
         p_client::inet, p_device, p_unwraps, p_condition
    from unnest(case when cardinality(p_cases) = 0 then array[null::uuid] else p_cases end) x;
end $$;

-- A change to a case that its transaction did not record does not commit. Only the month of now is looked into: an entry of this transaction cannot be older than it.
create or replace function audit.must_be_recorded() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c uuid;
begin
  if tg_table_name = 'cases' then
    if tg_op = 'DELETE' then c := old.id; else c := new.id; end if;
  else
    if tg_op = 'DELETE' then c := old.case_id; else c := new.case_id; end if;
  end if;
  if not exists (select 1 from audit.entries e
                  where e.xact = pg_current_xact_id() and e.case_id = c and e.decision = 'allowed' and e.at >= now() - interval '1 hour') then
    raise exception 'a change to a case was not recorded' using errcode = 'BA500';
  end if;
  return null;
end $$;

-- Who opened this case, for whoever holds it or supervises its holder. Who was refused stands in it too.
drop function audit.of_case(uuid, integer, bigint);
create function audit.of_case(p_case uuid, p_limit integer, p_before bigint, p_unusual boolean default false, p_actor uuid default null)
returns table (id bigint, at timestamptz, actor uuid, username text, name text, org_name text, act text, standing text, classes text[], reason text, note bytea, decision text,
               role text, condition text, kind text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.id, e.at, e.actor, u.username, u.name, o.name, e.act, e.standing, e.classes, e.reason, e.note, e.decision, e.role, e.condition, e.kind
    from audit.entries e
    left join auth.users u on u.id = e.actor
    left join public.organisations o on o.id = e.organisation
   where e.case_id = p_case
     and (p_before is null or e.id < p_before)
     and e.act <> 'custody.link'
     and p_case <> all ((select gate.walls())::uuid[])
     and (p_actor is null or e.actor = p_actor)
     and (not p_unusual or e.decision = 'refused'
          or e.actor <> (select auth.user_id())
             and (e.standing like '%break_glass%' or e.act = 'case.reveal' or extract(hour from e.at at time zone 'Asia/Ho_Chi_Minh') not between 5 and 21))
     and exists (select 1 from public.case_standings s
                  where s.case_id = p_case and s.holder = (select auth.user_id()) and s.referral_id is null
                    and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now()))
   order by e.id desc
   limit p_limit
$$;

-- The chain of custody of the files of a case: each link is the SHA-256 of the link before and of what the row says of the sealed file. Links are entries of the record, so they
-- are leaves of its tree too. The row's details are left out: sealing them anew under another key changes nothing of the file.
create function audit.custody_of(e public.evidence) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select concat_ws('|', e.id, e.object, e.object_version, e.size, e.sealed_size, e.sealed_crc32c, encode(e.commitment, 'hex'), e.added_by, (extract(epoch from e.added_at) * 1000000)::bigint)
$$;

create function audit.link_custody() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare before text; who record;
begin
  perform pg_advisory_xact_lock(1804, hashtext(new.case_id::text)); -- one link after the other
  select x.reason into before from audit.entries x where x.case_id = new.case_id and x.act = 'custody.link' order by x.id desc limit 1;
  select s.user_id, s.organisation_id, m.role, substr(s.handle_hash, 1, 8) as session into who
    from auth.sessions s join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'));
  insert into audit.entries (actor, organisation, role, session, act, kind, subject, case_id, classes, decision, reason)
  values (who.user_id, who.organisation_id, who.role, who.session, 'custody.link', 'evidence', new.id, new.case_id, '{}', 'allowed',
          encode(sha256(convert_to(coalesce(before, '') || '|' || audit.custody_of(new), 'UTF8')), 'hex'));
  return null;
end $$;

-- Every file that there is, and every case that was erased by two, for whoever verifies.
create function audit.custody() returns table (case_id uuid, evidence uuid, says text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.case_id, e.id, audit.custody_of(e) from public.evidence e
  union all
  select c.id, null, 'erased' from public.cases c
   where c.status = 'ERASED' and exists (select from audit.entries x where x.case_id = c.id and x.act in ('erasure.approve', 'erasure.replay') and x.decision = 'allowed')
$$;

-- A page of the record, the newest first, for inspectors. A case under seal is not named. Only the filters that are given stand in the statement, so that each has its index.
create function audit.page(p_username text, p_act text, p_case uuid, p_decision text, p_organisation text, p_from timestamptz, p_to timestamptz, p_before bigint, p_limit integer)
returns table (id bigint, at timestamptz, actor uuid, username text, org_name text, role text, act text, kind text, subject uuid, case_id uuid, classes text[], decision text,
               standing text, reason text, request text, client text, device text, unwraps integer, condition text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare p_actor uuid; p_org uuid;
begin
  select u.id into p_actor from auth.users u where u.username = p_username;
  select o.id into p_org from public.organisations o where o.code = p_organisation;
  if p_username is not null and p_actor is null or p_organisation is not null and p_org is null then
    return; -- nobody of that name did anything
  end if;
  return query execute 'select e.id, e.at, e.actor, u.username, o.name, e.role, e.act, e.kind, case when e.case_id is null or not gate.sealed(e.case_id) then e.subject end,
         case when e.case_id is not null and not gate.sealed(e.case_id) then e.case_id end, e.classes, e.decision, e.standing, e.reason, e.request,
         host(e.client), encode(substr(e.device, 1, 4), ''hex''), e.unwraps, e.condition
    from audit.entries e left join auth.users u on u.id = e.actor left join public.organisations o on o.id = e.organisation where true'
    || case when p_actor is not null then ' and e.actor = $1' else '' end
    || case when p_act is not null then ' and e.act = $2' else '' end
    || case when p_case is not null then ' and e.case_id = $3 and not gate.sealed($3)' else '' end
    || case when p_decision is not null then ' and e.decision = $4' else '' end
    || case when p_org is not null then ' and e.organisation = $5' else '' end
    || case when p_from is not null then ' and e.at >= $6' else '' end
    || case when p_to is not null then ' and e.at < $7' else '' end
    || case when p_before is not null then ' and e.id < $8' else '' end
    || ' order by e.id desc limit $9'
    using p_actor, p_act, p_case, p_decision, p_org, p_from, p_to, p_before, p_limit;
end $$;

-- How many acts and refusals each hour of a day had.
create function audit.hours(p_day date) returns table (hour integer, allowed bigint, refused bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select extract(hour from e.at at time zone 'Asia/Ho_Chi_Minh')::integer, count(*) filter (where e.decision = 'allowed'), count(*) filter (where e.decision = 'refused')
    from audit.entries e
   where e.at >= p_day::timestamp at time zone 'Asia/Ho_Chi_Minh' and e.at < (p_day + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
   group by 1 order by 1
$$;

-- Access out of the ordinary, by rules over the record and the staff's data. One row a rule, person, day and, for some rules, case. p_works are the acts that are work on
-- a case; whatever else touches a case is only looking. The plaintext of nobody is used: what would need a survivor's name or address is not here.
create function audit.unusual(p_from date, p_to date, p_works text[])
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
    -- searched and searched and opened nothing
    select 'search', s.day, s.actor, null, count(*), min(s.at), max(s.at), 2 from (
      select x.day, x.actor, x.at, x.act, x.decision,
             min(x.at) filter (where x.case_id is not null and x.decision = 'allowed') over (partition by x.actor order by x.at desc, x.id desc) as opens_at
        from e x where x.at >= since) s
     where s.act in ('case.search', 'case.known', 'case.look_up') and s.decision = 'allowed' and s.at < till
     group by s.day, s.actor having count(*) >= 10 and count(*) filter (where s.opens_at <= s.at + interval '3 minutes') * 4 < count(*)
    union all
    select 'budget', day, actor, null, count(*), min(at), max(at), 3 from e
     where decision = 'refused' and condition like '%budget%' and at >= since and at < till group by day, actor
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

-- The findings with what was said of each last.
create function audit.findings(p_from date, p_to date, p_works text[])
returns table (finding text, rule text, day date, actor uuid, username text, org_name text, role text, case_id uuid, n bigint, first_at timestamptz, last_at timestamptz, weight integer,
               outcome text, code text, reviewed_at timestamptz, reviewer text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select f.finding, f.rule, f.day, f.actor, u.username, m.name, m.role, f.case_id, f.n, f.first_at, f.last_at, f.weight, r.outcome, r.code, r.at, r.username
    from audit.unusual(p_from, p_to, p_works) f
    left join auth.users u on u.id = f.actor
    left join lateral (select o.name, x.role from auth.memberships x join public.organisations o on o.id = x.organisation_id where x.user_id = f.actor order by x.valid_to desc nulls first limit 1) m on true
    left join lateral (select x.outcome, x.code, x.at, w.username from audit.reviews x join auth.users w on w.id = x.by_user where x.finding = f.finding order by x.id desc limit 1) r on true
$$;

-- What an inspector says of a finding that stands today. Nobody reviews what she did herself.
create function audit.review(p_finding text, p_day date, p_works text[], p_outcome text, p_code text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare f record; me uuid := auth.user_id();
begin
  select * into f from audit.unusual(p_day, p_day, p_works) x where x.finding = p_finding;
  if not found or f.actor = me or me is null then
    return false;
  end if;
  insert into audit.reviews (finding, rule, day, actor, case_id, outcome, code, by_user) values (f.finding, f.rule, f.day, f.actor, f.case_id, p_outcome, p_code, me);
  return true;
end $$;

reset role;
set role binhan_owner;

revoke execute on function audit.page(text, text, uuid, text, text, timestamptz, timestamptz, bigint, integer), audit.hours(date), audit.unusual(date, date, text[]), audit.findings(date, date, text[]),
  audit.review(text, date, text[], text, text) from public;
revoke execute on function audit.custody_of(public.evidence), audit.link_custody(), audit.custody() from public;
grant execute on function audit.custody() to binhan_sealer;

create trigger custody_is_linked after insert on public.evidence for each row execute function audit.link_custody();

-- The files that were attached before there was a chain begin it, in the order in which they came.
do $$
declare f public.evidence; before text; last uuid;
begin
  perform set_config('role', 'binhan_keeper', true);
  for f in select * from public.evidence e order by e.case_id, e.added_at, e.id loop
    if last is distinct from f.case_id then
      before := '';
      last := f.case_id;
    end if;
    before := encode(sha256(convert_to(before || '|' || audit.custody_of(f), 'UTF8')), 'hex');
    insert into audit.entries (act, kind, subject, case_id, classes, decision, reason, condition)
    values ('custody.link', 'evidence', f.id, f.case_id, '{}', 'allowed', before, 'first_link');
  end loop;
  perform set_config('role', 'binhan_owner', true);
end $$;

grant execute on function audit.page(text, text, uuid, text, text, timestamptz, timestamptz, bigint, integer), audit.hours(date), audit.findings(date, date, text[]),
  audit.review(text, date, text[], text, text) to binhan_auditor;
revoke execute on function audit.add(text, text, uuid, uuid[], text[], text, text, text, bytea, text, text, bytea, integer, text) from public;
grant execute on function audit.add(text, text, uuid, uuid[], text[], text, text, text, bytea, text, text, bytea, integer, text)
  to binhan_app, binhan_releaser, binhan_statistics, binhan_auditor;
revoke execute on function audit.of_case(uuid, integer, bigint, boolean, uuid) from public;
grant execute on function audit.of_case(uuid, integer, bigint, boolean, uuid) to binhan_app;

create view audit.trail as
  select e.id, e.at, e.actor, u.username, e.organisation, o.name as org_name, e.role, e.act, e.kind,
         case when e.case_id is null or not gate.sealed(e.case_id) then e.subject end as subject,
         case when e.case_id is not null and not gate.sealed(e.case_id) then e.case_id end as case_id,
         e.classes, e.decision, e.standing, e.reason, e.request, host(e.client) as client, encode(substr(e.device, 1, 4), 'hex') as device, e.unwraps, e.condition
    from audit.entries e
    left join auth.users u on u.id = e.actor
    left join organisations o on o.id = e.organisation;
grant select on audit.trail to binhan_auditor;

reset role;
-- +goose StatementEnd
