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
      else c := null;
    end case;
    if exists (select from public.case_walls w where w.case_id = c and w.user_id = who.user_id and w.lifted_at is null) then
      p_condition := 'wall';
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
create function audit.of_case(p_case uuid, p_limit integer, p_before bigint)
returns table (id bigint, at timestamptz, actor uuid, username text, name text, org_name text, act text, standing text, classes text[], reason text, note bytea, decision text,
               role text, condition text, kind text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.id, e.at, e.actor, u.username, u.name, o.name, e.act, e.standing, e.classes, e.reason, e.note, e.decision, e.role, e.condition, e.kind
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

reset role;
set role binhan_owner;

revoke execute on function audit.add(text, text, uuid, uuid[], text[], text, text, text, bytea, text, text, bytea, integer, text) from public;
grant execute on function audit.add(text, text, uuid, uuid[], text[], text, text, text, bytea, text, text, bytea, integer, text)
  to binhan_app, binhan_releaser, binhan_statistics, binhan_auditor;
revoke execute on function audit.of_case(uuid, integer, bigint) from public;
grant execute on function audit.of_case(uuid, integer, bigint) to binhan_app;

create view audit.trail as
  select e.id, e.at, e.actor, u.username, e.organisation, o.name as org_name, e.role, e.act, e.kind, e.subject, e.case_id, e.classes, e.decision,
         e.standing, e.reason, e.request, host(e.client) as client, encode(substr(e.device, 1, 4), 'hex') as device, e.unwraps, e.condition
    from audit.entries e
    left join auth.users u on u.id = e.actor
    left join organisations o on o.id = e.organisation;
grant select on audit.trail to binhan_auditor;

reset role;
-- +goose StatementEnd
