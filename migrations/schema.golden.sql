-- Name: audit; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA audit;

ALTER SCHEMA audit OWNER TO binhan_owner;

-- Name: auth; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA auth;

ALTER SCHEMA auth OWNER TO binhan_owner;

-- Name: campaign; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA campaign;

ALTER SCHEMA campaign OWNER TO binhan_owner;

-- Name: gate; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA gate;

ALTER SCHEMA gate OWNER TO binhan_owner;

-- Name: keys; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA keys;

ALTER SCHEMA keys OWNER TO binhan_owner;

-- Name: rights; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA rights;

ALTER SCHEMA rights OWNER TO binhan_owner;

-- Name: standing; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA standing;

ALTER SCHEMA standing OWNER TO binhan_owner;

-- Name: stats; Type: SCHEMA; Schema: -; Owner: binhan_owner

CREATE SCHEMA stats;

ALTER SCHEMA stats OWNER TO binhan_owner;

-- Name: add(text, text, uuid, uuid[], text[], text, text, text, bytea, text, text, bytea, integer, text); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text DEFAULT NULL::text, p_device bytea DEFAULT NULL::bytea, p_unwraps integer DEFAULT 0, p_condition text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text, p_device bytea, p_unwraps integer, p_condition text) OWNER TO binhan_keeper;

-- Name: custody(); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.custody() RETURNS TABLE(case_id uuid, evidence uuid, says text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select e.case_id, e.id, audit.custody_of(e) from public.evidence e
  union all
  select c.id, null, 'erased' from public.cases c
   where c.status = 'ERASED' and exists (select from audit.entries x where x.case_id = c.id and x.act in ('erasure.approve', 'erasure.replay') and x.decision = 'allowed')
$$;

ALTER FUNCTION audit.custody() OWNER TO binhan_keeper;

-- Name: evidence; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.evidence (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    object text NOT NULL,
    size bigint NOT NULL,
    sealed_size bigint NOT NULL,
    details bytea NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamp with time zone NOT NULL,
    object_version text DEFAULT ''::text NOT NULL,
    sealed_crc32c bigint NOT NULL,
    commitment bytea NOT NULL,
    CONSTRAINT checksum_has_32_bits CHECK (((sealed_crc32c >= 0) AND (sealed_crc32c <= '4294967295'::bigint))),
    CONSTRAINT commitment_has_its_length CHECK ((length(commitment) = 32)),
    CONSTRAINT evidence_size_is_not_negative CHECK (((size >= 0) AND (sealed_size > 0)))
);

ALTER TABLE ONLY public.evidence FORCE ROW LEVEL SECURITY;

ALTER TABLE public.evidence OWNER TO binhan_owner;

-- Name: COLUMN evidence.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.id IS 'operational: random id';

-- Name: COLUMN evidence.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.case_id IS 'operational: the case';

-- Name: COLUMN evidence.object; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.object IS 'operational: random key in the object store';

-- Name: COLUMN evidence.size; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.size IS 'operational: bytes before sealing';

-- Name: COLUMN evidence.sealed_size; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.sealed_size IS 'operational: bytes in the store';

-- Name: COLUMN evidence.details; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.details IS 'secret: sealed, compartment evidence: name, description, type, hash';

-- Name: COLUMN evidence.added_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.added_by IS 'operational: who';

-- Name: COLUMN evidence.added_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.added_at IS 'operational: when';

-- Name: COLUMN evidence.object_version; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.object_version IS 'operational: version in the object store, empty where it keeps none';

-- Name: COLUMN evidence.sealed_crc32c; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.sealed_crc32c IS 'operational: CRC-32C of the sealed bytes, as the object store tells it';

-- Name: COLUMN evidence.commitment; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.evidence.commitment IS 'secret: SHA-256 of a random number and the SHA-256 of the file; the number lies in the details';

-- Name: custody_of(public.evidence); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.custody_of(e public.evidence) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select concat_ws('|', e.id, e.object, e.object_version, e.size, e.sealed_size, e.sealed_crc32c, encode(e.commitment, 'hex'), e.added_by, (extract(epoch from e.added_at) * 1000000)::bigint)
$$;

ALTER FUNCTION audit.custody_of(e public.evidence) OWNER TO binhan_keeper;

-- Name: findings(date, date, text[]); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.findings(p_from date, p_to date, p_works text[]) RETURNS TABLE(finding text, rule text, day date, actor uuid, username text, org_name text, role text, case_id uuid, n bigint, first_at timestamp with time zone, last_at timestamp with time zone, weight integer, outcome text, code text, reviewed_at timestamp with time zone, reviewer text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select f.finding, f.rule, f.day, f.actor, u.username, m.name, m.role, f.case_id, f.n, f.first_at, f.last_at, f.weight, r.outcome, r.code, r.at, r.username
    from audit.unusual(p_from, p_to, p_works) f
    left join auth.users u on u.id = f.actor
    left join lateral (select o.name, x.role from auth.memberships x join public.organisations o on o.id = x.organisation_id where x.user_id = f.actor order by x.valid_to desc nulls first limit 1) m on true
    left join lateral (select x.outcome, x.code, x.at, w.username from audit.reviews x join auth.users w on w.id = x.by_user where x.finding = f.finding order by x.id desc limit 1) r on true
$$;

ALTER FUNCTION audit.findings(p_from date, p_to date, p_works text[]) OWNER TO binhan_keeper;

-- Name: hours(date); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.hours(p_day date) RETURNS TABLE(hour integer, allowed bigint, refused bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select extract(hour from e.at at time zone 'Asia/Ho_Chi_Minh')::integer, count(*) filter (where e.decision = 'allowed'), count(*) filter (where e.decision = 'refused')
    from audit.entries e
   where e.at >= p_day::timestamp at time zone 'Asia/Ho_Chi_Minh' and e.at < (p_day + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
   group by 1 order by 1
$$;

ALTER FUNCTION audit.hours(p_day date) OWNER TO binhan_keeper;

-- Name: link_custody(); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.link_custody() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.link_custody() OWNER TO binhan_keeper;

-- Name: make_room(); Type: FUNCTION; Schema: audit; Owner: binhan_owner

CREATE FUNCTION audit.make_room() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.make_room() OWNER TO binhan_owner;

-- Name: must_be_recorded(); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.must_be_recorded() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.must_be_recorded() OWNER TO binhan_keeper;

-- Name: of_case(uuid, integer, bigint, boolean, uuid); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.of_case(p_case uuid, p_limit integer, p_before bigint, p_unusual boolean DEFAULT false, p_actor uuid DEFAULT NULL::uuid) RETURNS TABLE(id bigint, at timestamp with time zone, actor uuid, username text, name text, org_name text, act text, standing text, classes text[], reason text, note bytea, decision text, role text, condition text, kind text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.of_case(p_case uuid, p_limit integer, p_before bigint, p_unusual boolean, p_actor uuid) OWNER TO binhan_keeper;

-- Name: page(text, text, uuid, text, text, timestamp with time zone, timestamp with time zone, bigint, integer); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.page(p_username text, p_act text, p_case uuid, p_decision text, p_organisation text, p_from timestamp with time zone, p_to timestamp with time zone, p_before bigint, p_limit integer) RETURNS TABLE(id bigint, at timestamp with time zone, actor uuid, username text, org_name text, role text, act text, kind text, subject uuid, case_id uuid, classes text[], decision text, standing text, reason text, request text, client text, device text, unwraps integer, condition text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
end $_$;

ALTER FUNCTION audit.page(p_username text, p_act text, p_case uuid, p_decision text, p_organisation text, p_from timestamp with time zone, p_to timestamp with time zone, p_before bigint, p_limit integer) OWNER TO binhan_keeper;

-- Name: refuse_change(); Type: FUNCTION; Schema: audit; Owner: binhan_owner

CREATE FUNCTION audit.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'the record is never changed' using errcode = 'BA500';
end $$;

ALTER FUNCTION audit.refuse_change() OWNER TO binhan_owner;

-- Name: review(text, date, text[], text, text); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.review(p_finding text, p_day date, p_works text[], p_outcome text, p_code text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare f record; me uuid := auth.user_id();
begin
  select * into f from audit.unusual(p_day, p_day, p_works) x where x.finding = p_finding;
  if not found or f.actor = me or me is null then
    return false;
  end if;
  insert into audit.reviews (finding, rule, day, actor, case_id, outcome, code, by_user) values (f.finding, f.rule, f.day, f.actor, f.case_id, p_outcome, p_code, me);
  return true;
end $$;

ALTER FUNCTION audit.review(p_finding text, p_day date, p_works text[], p_outcome text, p_code text) OWNER TO binhan_keeper;

-- Name: unusual(date, date, text[]); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.unusual(p_from date, p_to date, p_works text[]) RETURNS TABLE(finding text, rule text, day date, actor uuid, case_id uuid, n bigint, first_at timestamp with time zone, last_at timestamp with time zone, weight integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.unusual(p_from date, p_to date, p_works text[]) OWNER TO binhan_keeper;

-- Name: watch_due(text[], integer); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.watch_due(p_works text[], p_limit integer) RETURNS TABLE(user_id uuid, case_id uuid, xact text, entry bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.watch_due(p_works text[], p_limit integer) OWNER TO binhan_keeper;

-- Name: watch_keep(uuid, uuid, text[]); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.watch_keep(p_user uuid, p_case uuid, p_codes text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  insert into audit.ties (user_id, case_id, code)
  select p_user, p_case, x from unnest(p_codes) x
   where exists (select from audit.entries e where e.actor = p_user and e.case_id = p_case) and exists (select from public.cases c where c.id = p_case and c.status <> 'ERASED')
  on conflict do nothing
$$;

ALTER FUNCTION audit.watch_keep(p_user uuid, p_case uuid, p_codes text[]) OWNER TO binhan_keeper;

-- Name: watch_moved(text, bigint); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.watch_moved(p_xact text, p_entry bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  update audit.watched w set xact = p_xact::xid8, entry = p_entry, at = now() where (w.xact, w.entry) <= (p_xact::xid8, p_entry)
$$;

ALTER FUNCTION audit.watch_moved(p_xact text, p_entry bigint) OWNER TO binhan_keeper;

-- Name: watch_question(uuid, uuid); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.watch_question(p_user uuid, p_case uuid) RETURNS TABLE(what text, owner uuid, id uuid, wrapped bytea, sealed bytea, name text, commune text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION audit.watch_question(p_user uuid, p_case uuid) OWNER TO binhan_keeper;

-- Name: watch_state(); Type: FUNCTION; Schema: audit; Owner: binhan_keeper

CREATE FUNCTION audit.watch_state() RETURNS TABLE(staff integer, cards integer, looked_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select (select count(*)::integer from auth.users u where u.disabled_at is null),
         (select count(*)::integer from auth.cards c join auth.users u on u.id = c.user_id where u.disabled_at is null),
         (select w.at from audit.watched w where w.entry > 0 or w.xact > '0')
$$;

ALTER FUNCTION audit.watch_state() OWNER TO binhan_keeper;

-- Name: add_key(uuid, text, bytea, bytea, integer, bigint, bytea, text[], bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.add_key(p_id uuid, p_name text, p_credential bytea, p_public bytea, p_flags integer, p_count bigint, p_aaguid bytea, p_transports text[], p_verifier bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me record;
begin
  select * into me from auth.self();
  insert into auth.factors (id, user_id, kind, name, credential, public_key, flags, sign_count, aaguid, transports, verifier, confirmed_at)
  values (p_id, me.user_id, 'passkey', p_name, p_credential, p_public, p_flags, p_count, p_aaguid, p_transports, p_verifier, now());
  update auth.sessions s set strength = 'passkey', proved_at = now() where s.handle_hash = me.hash and s.strength in ('enrolling', 'password');
end $$;

ALTER FUNCTION auth.add_key(p_id uuid, p_name text, p_credential bytea, p_public bytea, p_flags integer, p_count bigint, p_aaguid bytea, p_transports text[], p_verifier bytea) OWNER TO binhan_keeper;

-- Name: attempt(text, bytea, text, jsonb, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.attempt(p_username text, p_device bytea, p_address text, p_rules jsonb, p_request text) RETURNS TABLE(salt bytea, argon text, known boolean, wait integer, alarm boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.attempt(p_username text, p_device bytea, p_address text, p_rules jsonb, p_request text) OWNER TO binhan_keeper;

-- Name: begin_session(uuid, uuid, uuid, text, text, timestamp with time zone, uuid, bytea, text, text, integer, bytea, text, jsonb, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.begin_session(p_user uuid, p_membership uuid, p_org uuid, p_how text, p_said text, p_proved timestamp with time zone, p_identity uuid, p_provider_session bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_rules jsonb, p_request text) RETURNS TABLE(ended integer, new_device boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.begin_session(p_user uuid, p_membership uuid, p_org uuid, p_how text, p_said text, p_proved timestamp with time zone, p_identity uuid, p_provider_session bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_rules jsonb, p_request text) OWNER TO binhan_keeper;

-- Name: bucket(text, text, bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.bucket(p_kind text, p_a text, p_b bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$
  select sha256(convert_to(p_kind || '/' || coalesce(p_a, '') || '/', 'UTF8') || coalesce(p_b, ''))
$$;

ALTER FUNCTION auth.bucket(p_kind text, p_a text, p_b bytea) OWNER TO binhan_keeper;

-- Name: by_provider(text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.by_provider(p_handle text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from auth.sessions s where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.identity is not null)
$$;

ALTER FUNCTION auth.by_provider(p_handle text) OWNER TO binhan_keeper;

-- Name: challenge(text, text, uuid, bytea, text, jsonb); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.challenge(p_name text, p_purpose text, p_user uuid, p_data bytea, p_address text, p_rules jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.challenge(p_name text, p_purpose text, p_user uuid, p_data bytea, p_address text, p_rules jsonb) OWNER TO binhan_keeper;

-- Name: codes_of(text, bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.codes_of(p_username text, p_derived bytea) RETURNS TABLE(user_id uuid, id uuid, wrapped bytea, sealed bytea, last_step bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select u.id, f.id, f.wrapped, f.sealed, f.last_step
    from auth.users u join auth.factors f on f.user_id = u.id and f.kind = 'totp' and f.confirmed_at is not null and f.removed_at is null
   where u.username = p_username and u.disabled_at is null and u.verifier = sha256(p_derived)
   order by f.added_at
$$;

ALTER FUNCTION auth.codes_of(p_username text, p_derived bytea) OWNER TO binhan_keeper;

-- Name: codes_of_identity(uuid, bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.codes_of_identity(p_identity uuid, p_mark bytea) RETURNS TABLE(user_id uuid, id uuid, wrapped bytea, sealed bytea, last_step bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select u.id, f.id, f.wrapped, f.sealed, f.last_step
    from auth.identities i join auth.users u on u.id = i.user_id
    join auth.factors f on f.user_id = u.id and f.kind = 'totp' and f.confirmed_at is not null and f.removed_at is null
   where i.id = p_identity and i.verifier = sha256(p_mark) and i.removed_at is null and u.disabled_at is null
   order by f.added_at
$$;

ALTER FUNCTION auth.codes_of_identity(p_identity uuid, p_mark bytea) OWNER TO binhan_keeper;

-- Name: command_session(text, text, integer); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.command_session(p_username text, p_handle text, p_hours integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.command_session(p_username text, p_handle text, p_hours integer) OWNER TO binhan_keeper;

-- Name: confirm_code(uuid, bytea, bigint); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.confirm_code(p_id uuid, p_secret bytea, p_step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.confirm_code(p_id uuid, p_secret bytea, p_step bigint) OWNER TO binhan_keeper;

-- Name: confirm_person(uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.confirm_person(p_user uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if not exists (select 1 from auth.people(p_user) x where x.may_confirm) then
    raise exception 'not hers to confirm' using errcode = 'BA403';
  end if;
  update auth.users u set frozen_at = null where u.id = p_user;
end $$;

ALTER FUNCTION auth.confirm_person(p_user uuid) OWNER TO binhan_keeper;

-- Name: decide(uuid, boolean, bytea, integer); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.decide(p_id uuid, p_grant boolean, p_code bytea, p_hours integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.decide(p_id uuid, p_grant boolean, p_code bytea, p_hours integer) OWNER TO binhan_keeper;

-- Name: end_by_provider(bytea, timestamp with time zone, bytea, bytea, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.end_by_provider(p_order bytea, p_until timestamp with time zone, p_subject bytea, p_provider_session bytea, p_request text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.end_by_provider(p_order bytea, p_until timestamp with time zone, p_subject bytea, p_provider_session bytea, p_request text) OWNER TO binhan_keeper;

-- Name: end_one_of_mine(uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.end_one_of_mine(p_id uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare n integer;
begin
  update auth.sessions s set ended_at = now() from auth.self() me where s.user_id = me.user_id and s.id = p_id and s.ended_at is null;
  get diagnostics n = row_count;
  return n;
end $$;

ALTER FUNCTION auth.end_one_of_mine(p_id uuid) OWNER TO binhan_keeper;

-- Name: end_others_of_mine(boolean); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.end_others_of_mine(p_forget boolean) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.end_others_of_mine(p_forget boolean) OWNER TO binhan_keeper;

-- Name: end_session(text, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.end_session(p_handle text, p_request text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.end_session(p_handle text, p_request text) OWNER TO binhan_keeper;

-- Name: give_back(text, bytea, text, boolean); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.give_back(p_username text, p_device bytea, p_address text, p_known boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if p_known then
    delete from auth.buckets b where b.key = auth.bucket('device', p_username, p_device);
    return;
  end if;
  update auth.buckets b set taken = greatest(b.taken - 1, 0), streak = 0 where b.key = auth.bucket('stranger', p_username, null);
  update auth.buckets b set taken = greatest(b.taken - 1, 0), streak = 0 where b.key = auth.bucket('address', p_address, null);
end $$;

ALTER FUNCTION auth.give_back(p_username text, p_device bytea, p_address text, p_known boolean) OWNER TO binhan_keeper;

-- Name: identity_of(bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.identity_of(p_subject bytea) RETURNS TABLE(id uuid, user_id uuid, username text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select i.id, u.id, u.username from auth.identities i join auth.users u on u.id = i.user_id
   where i.subject = p_subject and i.removed_at is null and u.disabled_at is null
$$;

ALTER FUNCTION auth.identity_of(p_subject bytea) OWNER TO binhan_keeper;

-- Name: is_admin(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.is_admin() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from auth.self() me join auth.live() l on l.user_id = me.user_id where me.role = 'SYS_ADMIN')
$$;

ALTER FUNCTION auth.is_admin() OWNER TO binhan_keeper;

-- Name: is_second(uuid, uuid, uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.is_second(p_first uuid, p_about uuid, p_org uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce((select me.user_id <> p_first and me.user_id is distinct from p_about and (
           (me.role in ('SUPERVISOR', 'STAT_APPROVER') and me.organisation_id = p_org)
           or (me.role = 'SYS_ADMIN' and not exists (
                select 1 from auth.memberships m join auth.users u on u.id = m.user_id
                 where m.organisation_id = p_org and m.role in ('SUPERVISOR', 'STAT_APPROVER') and m.user_id is distinct from p_about and m.user_id <> p_first
                   and m.valid_from <= now() and (m.valid_to is null or m.valid_to > now()) and u.disabled_at is null and u.frozen_at is null)))
    from auth.self() me join auth.live() l on l.user_id = me.user_id), false)
$$;

ALTER FUNCTION auth.is_second(p_first uuid, p_about uuid, p_org uuid) OWNER TO binhan_keeper;

-- Name: keep_card(bytea, bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.keep_card(p_wrapped bytea, p_sealed bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := (select s.user_id from auth.self() s);
begin
  if me is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  insert into auth.cards as c (user_id, wrapped, sealed) values (me, p_wrapped, p_sealed)
  on conflict on constraint cards_pkey do update set wrapped = excluded.wrapped, sealed = excluded.sealed, given_at = now();
end $$;

ALTER FUNCTION auth.keep_card(p_wrapped bytea, p_sealed bytea) OWNER TO binhan_keeper;

-- Name: key_of(bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.key_of(p_credential bytea) RETURNS TABLE(id uuid, user_id uuid, username text, credential bytea, public_key bytea, flags integer, sign_count bigint, aaguid bytea, transports text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select f.id, u.id, u.username, f.credential, f.public_key, f.flags, f.sign_count, f.aaguid, f.transports
    from auth.factors f join auth.users u on u.id = f.user_id
   where f.credential = p_credential and f.kind = 'passkey' and f.confirmed_at is not null and f.removed_at is null and u.disabled_at is null
$$;

ALTER FUNCTION auth.key_of(p_credential bytea) OWNER TO binhan_keeper;

-- Name: keys_of(text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.keys_of(p_handle text) RETURNS TABLE(id uuid, user_id uuid, username text, credential bytea, public_key bytea, flags integer, sign_count bigint, aaguid bytea, transports text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select f.id, u.id, u.username, f.credential, f.public_key, f.flags, f.sign_count, f.aaguid, f.transports
    from auth.sessions s join auth.users u on u.id = s.user_id
    join auth.factors f on f.user_id = u.id and f.kind = 'passkey' and f.confirmed_at is not null and f.removed_at is null
   where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.expires_at > now() and u.disabled_at is null
$$;

ALTER FUNCTION auth.keys_of(p_handle text) OWNER TO binhan_keeper;

-- Name: link_identity(uuid, text, bytea, bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.link_identity(p_id uuid, p_issuer text, p_subject bytea, p_verifier bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.link_identity(p_id uuid, p_issuer text, p_subject bytea, p_verifier bytea) OWNER TO binhan_keeper;

-- Name: linked(text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.linked(p_handle text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from auth.sessions s join auth.identities i on i.user_id = s.user_id and i.removed_at is null
                  where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.expires_at > now())
$$;

ALTER FUNCTION auth.linked(p_handle text) OWNER TO binhan_keeper;

-- Name: live(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.live() RETURNS TABLE(user_id uuid, organisation_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare p uuid[] := auth.principals();
begin
  if p is not null then
    user_id := p[1];
    organisation_id := p[2];
    return next;
  end if;
end $$;

ALTER FUNCTION auth.live() OWNER TO binhan_keeper;

-- Name: lock_session(text, boolean, text, bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.lock_session(p_handle text, p_locked boolean, p_username text, p_derived bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.lock_session(p_handle text, p_locked boolean, p_username text, p_derived bytea) OWNER TO binhan_keeper;

-- Name: my_card(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.my_card() RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select c.given_at from auth.cards c where c.user_id = (select s.user_id from auth.self() s)
$$;

ALTER FUNCTION auth.my_card() OWNER TO binhan_keeper;

-- Name: my_codes(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.my_codes() RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select count(c.hash)::integer from auth.self() me left join auth.recovery_codes c on c.user_id = me.user_id and c.used_at is null
$$;

ALTER FUNCTION auth.my_codes() OWNER TO binhan_keeper;

-- Name: my_devices(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.my_devices() RETURNS TABLE(label text, first_at timestamp with time zone, last_at timestamp with time zone, current boolean, fresh boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select d.label, d.first_at, d.last_at, coalesce(d.hash = s.device, false), d.first_at > u.devices_seen_at and d.hash is distinct from s.device
    from auth.self() me
    join auth.users u on u.id = me.user_id
    join auth.sessions s on s.handle_hash = me.hash
    join auth.devices d on d.user_id = me.user_id
   order by d.last_at desc
   limit 50
$$;

ALTER FUNCTION auth.my_devices() OWNER TO binhan_keeper;

-- Name: my_factors(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.my_factors() RETURNS TABLE(id uuid, kind text, name text, added_at timestamp with time zone, used_at timestamp with time zone, confirmed boolean, wrapped bytea, sealed bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select f.id, f.kind, f.name, f.added_at, f.used_at, f.confirmed_at is not null, case when f.confirmed_at is null then f.wrapped end, case when f.confirmed_at is null then f.sealed end
    from auth.self() me join auth.factors f on f.user_id = me.user_id and f.removed_at is null
   order by f.added_at
$$;

ALTER FUNCTION auth.my_factors() OWNER TO binhan_keeper;

-- Name: my_identities(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.my_identities() RETURNS TABLE(id uuid, issuer text, added_at timestamp with time zone, used_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select i.id, i.issuer, i.added_at, i.used_at from auth.self() me join auth.identities i on i.user_id = me.user_id and i.removed_at is null order by i.added_at
$$;

ALTER FUNCTION auth.my_identities() OWNER TO binhan_keeper;

-- Name: my_sessions(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.my_sessions() RETURNS TABLE(id uuid, label text, kind text, created_at timestamp with time zone, seen_at timestamp with time zone, current boolean, fresh boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select s.id, s.label, s.kind, s.created_at, s.seen_at, s.handle_hash = me.hash, coalesce(d.first_at > u.devices_seen_at and s.handle_hash <> me.hash, false)
    from auth.self() me
    join auth.users u on u.id = me.user_id
    join auth.sessions s on s.user_id = me.user_id
    left join auth.devices d on d.user_id = me.user_id and d.hash = s.device
   where s.ended_at is null and s.expires_at > now() and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
   order by s.handle_hash = me.hash desc, s.seen_at desc
   limit 100
$$;

ALTER FUNCTION auth.my_sessions() OWNER TO binhan_keeper;

-- Name: name_factor(uuid, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.name_factor(p_id uuid, p_name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  update auth.factors f set name = p_name from auth.self() me where f.id = p_id and f.user_id = me.user_id and f.removed_at is null;
  return found;
end $$;

ALTER FUNCTION auth.name_factor(p_id uuid, p_name text) OWNER TO binhan_keeper;

-- Name: note(uuid, text, text, text, text, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.note(p_user uuid, p_handle text, p_act text, p_decision text, p_reason text, p_request text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.note(p_user uuid, p_handle text, p_act text, p_decision text, p_reason text, p_request text) OWNER TO binhan_keeper;

-- Name: offer_code(uuid, text, bytea, bytea, bytea); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.offer_code(p_id uuid, p_name text, p_wrapped bytea, p_sealed bytea, p_verifier bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me record;
begin
  select * into me from auth.self();
  update auth.factors f set removed_at = now() where f.user_id = me.user_id and f.kind = 'totp' and f.confirmed_at is null and f.removed_at is null;
  insert into auth.factors (id, user_id, kind, name, wrapped, sealed, verifier) values (p_id, me.user_id, 'totp', p_name, p_wrapped, p_sealed, p_verifier);
end $$;

ALTER FUNCTION auth.offer_code(p_id uuid, p_name text, p_wrapped bytea, p_sealed bytea, p_verifier bytea) OWNER TO binhan_keeper;

-- Name: open_by_identity(uuid, bytea, boolean, timestamp with time zone, bytea, uuid, bytea, bigint, bigint, integer, bytea, text, integer, bytea, text, text, jsonb, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.open_by_identity(p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) RETURNS TABLE(outcome text, user_id uuid, ended integer, new_device boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.open_by_identity(p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) OWNER TO binhan_keeper;

-- Name: open_session(text, bytea, uuid, bytea, bigint, bigint, integer, bytea, text, text, integer, bytea, text, text, jsonb, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.open_session(p_username text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) RETURNS TABLE(outcome text, user_id uuid, ended integer, new_device boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.open_session(p_username text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) OWNER TO binhan_keeper;

-- Name: org_id(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.org_id() RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return (auth.principals())[2];
end $$;

ALTER FUNCTION auth.org_id() OWNER TO binhan_keeper;

-- Name: pending(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.pending() RETURNS TABLE(id uuid, kind text, user_id uuid, username text, name text, org_name text, role text, supervisor text, proposed_by text, proposed_at timestamp with time zone, may_decide boolean, mine boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.pending() OWNER TO binhan_keeper;

-- Name: people(uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.people(p_id uuid) RETURNS TABLE(id uuid, username text, name text, org_name text, organisation uuid, role text, supervisor text, closed boolean, frozen boolean, waits_for_code boolean, code_used boolean, stopped boolean, signed_in_at timestamp with time zone, factors integer, may_confirm boolean, may_release boolean, me boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.people(p_id uuid) OWNER TO binhan_keeper;

-- Name: principals(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.principals() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.principals() OWNER TO binhan_keeper;

-- Name: propose(uuid, text, uuid, text, text, uuid, text, uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.propose(p_id uuid, p_kind text, p_user uuid, p_username text, p_name text, p_org uuid, p_role text, p_supervisor uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.propose(p_id uuid, p_kind text, p_user uuid, p_username text, p_name text, p_org uuid, p_role text, p_supervisor uuid) OWNER TO binhan_keeper;

-- Name: prove(text, bytea, uuid, bytea, bigint, bigint, integer, text, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.prove(p_handle text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_new text, p_request text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.prove(p_handle text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_new text, p_request text) OWNER TO binhan_keeper;

-- Name: prove_by_identity(bytea, uuid, bytea, boolean, timestamp with time zone, bytea, text, jsonb, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.prove_by_identity(p_session bytea, p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_new text, p_rules jsonb, p_request text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.prove_by_identity(p_session bytea, p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_new text, p_rules jsonb, p_request text) OWNER TO binhan_keeper;

-- Name: refuse_identity(uuid, text, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.refuse_identity(p_user uuid, p_reason text, p_request text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select auth.note(p_user, null, 'session.open', 'refused', 'oidc_' || p_reason, p_request)
$$;

ALTER FUNCTION auth.refuse_identity(p_user uuid, p_reason text, p_request text) OWNER TO binhan_keeper;

-- Name: rehash(text, bytea, bytea, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.rehash(p_handle text, p_salt bytea, p_verifier bytea, p_argon text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  update auth.users u set salt = p_salt, verifier = p_verifier, argon = p_argon
    from auth.sessions s
   where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.kind in ('cookie', 'token')
     and s.created_at > now() - interval '1 minute' and u.id = s.user_id
$$;

ALTER FUNCTION auth.rehash(p_handle text, p_salt bytea, p_verifier bytea, p_argon text) OWNER TO binhan_keeper;

-- Name: release(uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.release(p_user uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if not exists (select 1 from auth.people(p_user) x where x.may_release) then
    raise exception 'not hers to release' using errcode = 'BA403';
  end if;
  delete from auth.buckets b where b.user_id = p_user;
end $$;

ALTER FUNCTION auth.release(p_user uuid) OWNER TO binhan_keeper;

-- Name: remove_factor(uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.remove_factor(p_id uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.remove_factor(p_id uuid) OWNER TO binhan_keeper;

-- Name: renew_codes(bytea[]); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.renew_codes(p_hashes bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me record;
begin
  select * into me from auth.self();
  delete from auth.recovery_codes c where c.user_id = me.user_id;
  insert into auth.recovery_codes (user_id, hash) select me.user_id, h from unnest(p_hashes) h;
end $$;

ALTER FUNCTION auth.renew_codes(p_hashes bytea[]) OWNER TO binhan_keeper;

-- Name: replayed(text, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.replayed(p_handle text, p_key text) RETURNS TABLE(route text, location text, body bytea, status integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select i.route, i.location, i.body, i.status
    from auth.sessions s join public.idempotency i on i.user_id = s.user_id and i.key = p_key
   where s.handle_hash = sha256(convert_to(p_handle, 'UTF8')) and s.ended_at is null and s.expires_at > now() and i.at > now() - interval '48 hours'
$$;

ALTER FUNCTION auth.replayed(p_handle text, p_key text) OWNER TO binhan_keeper;

-- Name: salt(text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.salt(p_username text) RETURNS TABLE(salt bytea, argon text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select u.salt, u.argon from auth.users u where u.username = p_username and u.disabled_at is null
$$;

ALTER FUNCTION auth.salt(p_username text) OWNER TO binhan_keeper;

-- Name: saw_my_devices(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.saw_my_devices() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  update auth.users u set devices_seen_at = now() from auth.self() me where u.id = me.user_id
$$;

ALTER FUNCTION auth.saw_my_devices() OWNER TO binhan_keeper;

-- Name: self(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.self() RETURNS TABLE(user_id uuid, organisation_id uuid, role text, hash bytea, strength text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select s.user_id, s.organisation_id, m.role, s.handle_hash, s.strength
    from auth.sessions s join auth.users u on u.id = s.user_id join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'))
     and s.ended_at is null and s.locked_at is null and s.expires_at > now() and u.disabled_at is null
     and (s.kind = 'command' or s.seen_at > now() - interval '15 minutes')
     and (m.valid_to is null or m.valid_to > now())
$$;

ALTER FUNCTION auth.self() OWNER TO binhan_keeper;

-- Name: set_my_password(bytea, bytea, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.set_my_password(p_salt bytea, p_verifier bytea, p_argon text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  update auth.users u set salt = p_salt, verifier = p_verifier, argon = p_argon from auth.self() me where u.id = me.user_id;
  if not found then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  perform auth.end_others_of_mine(true);
end $$;

ALTER FUNCTION auth.set_my_password(p_salt bytea, p_verifier bytea, p_argon text) OWNER TO binhan_keeper;

-- Name: set_up(text, bytea, bytea, bytea, text, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.set_up(p_username text, p_code bytea, p_salt bytea, p_verifier bytea, p_argon text, p_request text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.set_up(p_username text, p_code bytea, p_salt bytea, p_verifier bytea, p_argon text, p_request text) OWNER TO binhan_keeper;

-- Name: sign_in(text, bytea, text, text, integer, text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.sign_in(p_username text, p_derived bytea, p_handle text, p_kind text, p_hours integer, p_request text) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select o.user_id from auth.open_session(p_username, p_derived, null, null, null, null, null, null, p_handle, p_kind, p_hours, null, '', '',
    '{"demand": false, "sessions": 1000, "idle_days": 45}', p_request) o where p_derived is not null
$$;

ALTER FUNCTION auth.sign_in(p_username text, p_derived bytea, p_handle text, p_kind text, p_hours integer, p_request text) OWNER TO binhan_keeper;

-- Name: staff(uuid[]); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.staff(p_ids uuid[]) RETURNS TABLE(id uuid, username text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select u.id, u.username, u.name from auth.users u where u.id = any (p_ids)
$$;

ALTER FUNCTION auth.staff(p_ids uuid[]) OWNER TO binhan_keeper;

-- Name: start_reset(uuid, bytea, integer); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.start_reset(p_user uuid, p_code bytea, p_hours integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.start_reset(p_user uuid, p_code bytea, p_hours integer) OWNER TO binhan_keeper;

-- Name: take(bytea, text, uuid, integer, integer, integer, integer); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.take(p_key bytea, p_kind text, p_user uuid, p_limit integer, p_window integer, p_longest integer, p_stop integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.take(p_key bytea, p_kind text, p_user uuid, p_limit integer, p_window integer, p_longest integer, p_stop integer) OWNER TO binhan_keeper;

-- Name: take_challenge(text, text, uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.take_challenge(p_name text, p_purpose text, p_user uuid) RETURNS bytea
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  delete from auth.challenges c
   where c.hash = sha256(convert_to(p_name, 'UTF8')) and c.purpose = p_purpose and c.user_id is not distinct from p_user and c.expires_at > clock_timestamp()
  returning c.data
$$;

ALTER FUNCTION auth.take_challenge(p_name text, p_purpose text, p_user uuid) OWNER TO binhan_keeper;

-- Name: unlink_identity(uuid); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.unlink_identity(p_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.unlink_identity(p_id uuid) OWNER TO binhan_keeper;

-- Name: use_factor(uuid, uuid, bytea, bigint, bigint, integer); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.use_factor(p_user uuid, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.use_factor(p_user uuid, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer) OWNER TO binhan_keeper;

-- Name: user_id(); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.user_id() RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return (auth.principals())[1];
end $$;

ALTER FUNCTION auth.user_id() OWNER TO binhan_keeper;

-- Name: whoami(text); Type: FUNCTION; Schema: auth; Owner: binhan_keeper

CREATE FUNCTION auth.whoami(p_handle text) RETURNS TABLE(user_id uuid, username text, name text, role text, organisation uuid, org_name text, org_type text, org_commune text, province text, expires_at timestamp with time zone, locked boolean, strength text, frozen boolean, new_device boolean, kind text, factors integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION auth.whoami(p_handle text) OWNER TO binhan_keeper;

-- Name: begin_report(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.begin_report() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into campaign.reports (unit_id) values (new.id);
  return null;
end $$;

ALTER FUNCTION campaign.begin_report() OWNER TO binhan_owner;

-- Name: check_draft(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.check_draft() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if current_user <> 'binhan_app' then
    return new;
  end if;
  if old.state not in ('EMPTY', 'DRAFT', 'RETURNED', 'SUPPLEMENTING') or new.state <> old.state or new.version <> old.version + 1 or new.unit_id <> old.unit_id then
    raise exception 'a report that was handed in is not written in' using errcode = '23514', constraint = 'report_is_not_open', schema = 'campaign', table = 'reports';
  end if;
  if old.state = 'EMPTY' then
    new.state := 'DRAFT';
  end if;
  new.updated_by := auth.user_id();
  new.updated_at := now();
  return new;
end $$;

ALTER FUNCTION campaign.check_draft() OWNER TO binhan_owner;

-- Name: check_edition(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.check_edition() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if current_user = 'binhan_app' then
    new.by_user := auth.user_id();
    new.at := now();
  end if;
  if new.version <> 1 + coalesce((select max(e.version) from campaign.editions e where e.year = new.year), 0) then
    raise exception 'editions follow each other' using errcode = '23505', constraint = 'edition_is_written_once', schema = 'campaign', table = 'editions';
  end if;
  return new;
end $$;

ALTER FUNCTION campaign.check_edition() OWNER TO binhan_owner;

-- Name: check_figure(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.check_figure() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if not exists (select 1 from stats.published_cells c where c.release_id = new.release_id and c.table_id = new.table_id and c.dims = new.dims
                                                         and c.count is not distinct from new.count and c.lower = new.lower and c.upper = new.upper) then
    raise exception 'no published cell says so' using errcode = '23514', constraint = 'figure_is_published', schema = 'campaign', table = 'version_figures';
  end if;
  return new;
end $$;

ALTER FUNCTION campaign.check_figure() OWNER TO binhan_owner;

-- Name: check_submission(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.check_submission() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare r record; due date;
begin
  if auth.user_id() is null then
    return new; -- the operator, who fills the demo world
  end if;
  select p.state, u.year into r from campaign.reports p join campaign.units u on u.id = p.unit_id where p.unit_id = new.unit_id for update of p;
  select e.units_due_on into due from campaign.editions e where e.year = r.year order by e.version desc limit 1;
  new.by_user := auth.user_id();
  new.at := now();
  new.kind := case when r.state = 'SUPPLEMENTING' then 'SUPPLEMENT' else 'MAIN' end;
  new.late := (now() at time zone 'Asia/Ho_Chi_Minh')::date >= due;
  new.number := 1 + coalesce((select max(s.number) from campaign.submissions s where s.unit_id = new.unit_id), 0);
  return new;
end $$;

ALTER FUNCTION campaign.check_submission() OWNER TO binhan_owner;

-- Name: check_version(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.check_version() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id(); role text := rights.office();
begin
  if me is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if tg_op = 'INSERT' then
    if role <> 'STAT_OFFICER' or new.state <> 'PREPARED' then
      raise exception 'a version is prepared by an officer' using errcode = 'BA403';
    end if;
    new.number := 1 + coalesce((select max(v.number) from campaign.versions v where v.year = new.year), 0);
    new.prepared_by := me;
    new.prepared_at := now();
    return new;
  end if;
  if (new.id, new.year, new.number, new.body, new.sha256, new.cut_off, new.prepared_by, new.prepared_at)
       is distinct from (old.id, old.year, old.number, old.body, old.sha256, old.cut_off, old.prepared_by, old.prepared_at)
     or not campaign.legal_step(old.state, new.state)
     or old.decided_by is not null and (new.decided_by, new.decided_at, new.reason) is distinct from (old.decided_by, old.decided_at, old.reason)
     or old.published_by is not null and (new.published_by, new.published_at) is distinct from (old.published_by, old.published_at) then
    raise exception 'a frozen version is never edited' using errcode = '23514', constraint = 'version_moves_legally', schema = 'campaign', table = 'versions';
  end if;
  if role <> 'STAT_APPROVER' then
    raise exception 'not hers to decide' using errcode = 'BA403';
  end if;
  if old.decided_by is null then
    new.decided_by := me;
    new.decided_at := now();
  end if;
  if new.state = 'PUBLISHED' then
    new.published_by := me;
    new.published_at := now();
  end if;
  return new;
end $$;

ALTER FUNCTION campaign.check_version() OWNER TO binhan_owner;

-- Name: department(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.department() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select rights.office() in ('STAT_OFFICER', 'STAT_APPROVER')
$$;

ALTER FUNCTION campaign.department() OWNER TO binhan_owner;

-- Name: legal_move(text, text, text); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.legal_move(p_move text, p_from text, p_to text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select (p_move, p_from, p_to) in (values
    ('submission', 'DRAFT', 'SUBMITTED'), ('submission', 'RETURNED', 'SUBMITTED'), ('submission', 'SUPPLEMENTING', 'SUPPLEMENTED'),
    ('return', 'SUBMITTED', 'RETURNED'), ('return', 'SUPPLEMENTED', 'RETURNED'),
    ('supplement', 'SUBMITTED', 'SUPPLEMENTING'), ('supplement', 'SUPPLEMENTED', 'SUPPLEMENTING'))
$$;

ALTER FUNCTION campaign.legal_move(p_move text, p_from text, p_to text) OWNER TO binhan_owner;

-- Name: legal_step(text, text); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.legal_step(p_from text, p_to text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select (p_from, p_to) in (values ('PREPARED', 'APPROVED'), ('PREPARED', 'REJECTED'), ('APPROVED', 'PUBLISHED'), ('PUBLISHED', 'SUPERSEDED'))
$$;

ALTER FUNCTION campaign.legal_step(p_from text, p_to text) OWNER TO binhan_owner;

-- Name: move_report(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.move_report() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare s text; me uuid := auth.user_id();
begin
  select p.state into s from campaign.reports p where p.unit_id = new.unit_id for update;
  if s is distinct from new.from_state or not campaign.legal_move(new.move, new.from_state, new.to_state) then
    raise exception 'the report cannot move so' using errcode = '23514', constraint = 'report_moves_legally', schema = 'campaign', table = 'moves';
  end if;
  if me is not null then
    if new.move = 'return' and rights.office() <> 'STAT_OFFICER' or new.move <> 'return' and not campaign.writes(new.unit_id) then
      raise exception 'not hers to move' using errcode = 'BA403';
    end if;
    new.by_user := me;
    new.at := now();
  end if;
  update campaign.reports set state = new.to_state, version = version + 1, updated_at = new.at, updated_by = new.by_user where unit_id = new.unit_id;
  return new;
end $$;

ALTER FUNCTION campaign.move_report() OWNER TO binhan_owner;

-- Name: refuse_change(); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  raise exception 'what was reported is never changed' using errcode = 'BA500';
end $$;

ALTER FUNCTION campaign.refuse_change() OWNER TO binhan_owner;

-- Name: remind(uuid, uuid); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.remind(p_id uuid, p_unit uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare org uuid; n integer := 0; p uuid;
begin
  if rights.office() <> 'STAT_OFFICER' then
    raise exception 'not hers to remind' using errcode = 'BA403';
  end if;
  select u.organisation_id into org from campaign.units u join campaign.reports r on r.unit_id = u.id
   where u.id = p_unit and u.removed_at is null and r.state in ('EMPTY', 'DRAFT', 'RETURNED', 'SUPPLEMENTING');
  if org is not null then
    for p in select distinct m.user_id from auth.memberships m join auth.users x on x.id = m.user_id
              where m.organisation_id = org and m.role = 'UNIT_REPORTER' and x.disabled_at is null and (m.valid_to is null or m.valid_to > now()) loop
      perform standing.tell(p, 'campaign_reminder', null, p_unit);
      n := n + 1;
    end loop;
  end if;
  insert into campaign.reminders (id, unit_id, on_day, by_user, told) values (p_id, p_unit, (now() at time zone 'Asia/Ho_Chi_Minh')::date, auth.user_id(), n);
  return n;
end $$;

ALTER FUNCTION campaign.remind(p_id uuid, p_unit uuid) OWNER TO binhan_owner;

-- Name: sound(jsonb); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.sound(p_body jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select not exists (
           select 1 from jsonb_array_elements(coalesce(p_body -> 'indicators', '[]')) i
            where coalesce((i ->> 'women')::bigint, 0) > coalesce((i ->> 'participants')::bigint, 0)
               or coalesce((i ->> 'participants')::bigint, 0) < 0 or coalesce((i ->> 'women')::bigint, 0) < 0
               or exists (select 1 from jsonb_each(coalesce(i -> 'quantity', '{}')) q where (q.value #>> '{}')::bigint < 0))
     and not exists (
           select 1 from jsonb_array_elements(coalesce(p_body -> 'events', '[]')) e
            where coalesce((e ->> 'women')::bigint, 0) > coalesce((e ->> 'participants')::bigint, 0) or coalesce((e ->> 'women')::bigint, 0) < 0)
     and not exists (
           select 1 from jsonb_array_elements(coalesce(p_body -> 'budget', '[]')) b where coalesce((b ->> 'thousand_dong')::bigint, 0) < 0)
$$;

ALTER FUNCTION campaign.sound(p_body jsonb) OWNER TO binhan_owner;

-- Name: tell_returned(uuid); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.tell_returned(p_unit uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare p uuid;
begin
  if rights.office() <> 'STAT_OFFICER' then
    raise exception 'not hers to tell' using errcode = 'BA403';
  end if;
  for p in select distinct m.user_id from campaign.units u join auth.memberships m on m.organisation_id = u.organisation_id join auth.users x on x.id = m.user_id
            where u.id = p_unit and m.role = 'UNIT_REPORTER' and x.disabled_at is null and (m.valid_to is null or m.valid_to > now()) loop
    perform standing.tell(p, 'campaign_returned', null, p_unit);
  end loop;
end $$;

ALTER FUNCTION campaign.tell_returned(p_unit uuid) OWNER TO binhan_owner;

-- Name: writes(uuid); Type: FUNCTION; Schema: campaign; Owner: binhan_owner

CREATE FUNCTION campaign.writes(p_unit uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare org uuid; there boolean; role text := rights.office();
begin
  select u.organisation_id, true into org, there from campaign.units u where u.id = p_unit and u.removed_at is null;
  return coalesce(there, false) and case role when 'UNIT_REPORTER' then org is not null and org = auth.org_id() when 'STAT_OFFICER' then org is null else false end;
end $$;

ALTER FUNCTION campaign.writes(p_unit uuid) OWNER TO binhan_owner;

-- Name: enter(text, text, text, uuid, text, integer, integer); Type: FUNCTION; Schema: gate; Owner: binhan_keeper

CREATE FUNCTION gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text DEFAULT NULL::text, p_limit integer DEFAULT 0, p_window integer DEFAULT 3600) RETURNS TABLE(user_id uuid, role text, organisation uuid, case_id uuid, held text, at timestamp with time zone, proved_at timestamp with time zone, strength text, frozen boolean, spent_until timestamp with time zone, first boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text, p_limit integer, p_window integer) OWNER TO binhan_keeper;

-- Name: named_objects(text[]); Type: FUNCTION; Schema: gate; Owner: binhan_keeper

CREATE FUNCTION gate.named_objects(p_objects text[]) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select e.object from public.evidence e where e.object = any (p_objects)
$$;

ALTER FUNCTION gate.named_objects(p_objects text[]) OWNER TO binhan_keeper;

-- Name: sealed(uuid); Type: FUNCTION; Schema: gate; Owner: binhan_keeper

CREATE FUNCTION gate.sealed(p_case uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from public.case_seals s where s.case_id = p_case and s.agreed_at is not null and s.lifted_at is null)
$$;

ALTER FUNCTION gate.sealed(p_case uuid) OWNER TO binhan_keeper;

-- Name: standings(); Type: FUNCTION; Schema: gate; Owner: binhan_owner

CREATE FUNCTION gate.standings() RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
  select string_to_array(nullif(current_setting('app.standings', true), ''), ',')
$$;

ALTER FUNCTION gate.standings() OWNER TO binhan_owner;

-- Name: walled(uuid, uuid); Type: FUNCTION; Schema: gate; Owner: binhan_keeper

CREATE FUNCTION gate.walled(p_user uuid, p_case uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from public.case_walls w where w.user_id = p_user and w.case_id = p_case and w.lifted_at is null)
      or exists (select 1 from public.case_seals s where s.case_id = p_case and s.agreed_at is not null and s.lifted_at is null
                    and not exists (select 1 from public.case_seal_names n where n.seal_id = s.id and n.user_id = p_user))
$$;

ALTER FUNCTION gate.walled(p_user uuid, p_case uuid) OWNER TO binhan_keeper;

-- Name: walls(); Type: FUNCTION; Schema: gate; Owner: binhan_keeper

CREATE FUNCTION gate.walls() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id();
begin
  return (select coalesce(array_agg(x.case_id), '{}')
            from (select w.case_id from public.case_walls w where w.user_id = me and w.lifted_at is null
                  union all
                  select s.case_id from public.case_seals s
                   where s.agreed_at is not null and s.lifted_at is null
                     and not exists (select 1 from public.case_seal_names n where n.seal_id = s.id and n.user_id = me)) x);
end $$;

ALTER FUNCTION gate.walls() OWNER TO binhan_keeper;

-- Name: follows(bytea, bytea); Type: FUNCTION; Schema: keys; Owner: binhan_keeper

CREATE FUNCTION keys.follows(a bytea, b bytea) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select length(a) = 73 and length(b) = 73 and get_byte(a, 0) = get_byte(b, 0) and substr(a, 6, 8) = substr(b, 6, 8) and keys.version(b) > keys.version(a)
$$;

ALTER FUNCTION keys.follows(a bytea, b bytea) OWNER TO binhan_keeper;

-- Name: older(bigint); Type: FUNCTION; Schema: keys; Owner: binhan_keeper

CREATE FUNCTION keys.older(p_version bigint) RETURNS TABLE(place text, older bigint, total bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare p record;
begin
  for p in select * from keys.places order by ordinal loop
    place := p.place;
    execute format('select count(*) filter (where keys.version(%1$I) < $1), count(*) from %2$s where %1$I is not null', p.key_column, p.tab)
      into older, total using p_version;
    return next;
  end loop;
  place := 'evidence.details';
  select count(*) filter (where coalesce(f.version, 0) < p_version), count(*) into older, total
    from public.evidence e left join keys.files f on f.evidence_id = e.id;
  return next;
end $_$;

ALTER FUNCTION keys.older(p_version bigint) OWNER TO binhan_keeper;

-- Name: put(text, uuid[], bytea[], bytea[]); Type: FUNCTION; Schema: keys; Owner: binhan_keeper

CREATE FUNCTION keys.put(p_place text, p_ids uuid[], p_old bytea[], p_new bytea[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare p record; moved integer;
begin
  select * into strict p from keys.places x where x.place = p_place;
  if exists (select from unnest(p_old, p_new) as v(a, b) where not coalesce(keys.follows(v.a, v.b), false)) then
    raise exception 'not the same keys under a later version' using errcode = 'BA500';
  end if;
  if p.case_column is not null then
    execute format($q$
      insert into audit.entries (act, kind, subject, case_id, classes, decision, condition)
      select 'keys.rewrap', 'case', t.%1$I, t.%1$I, '{}', 'allowed', $4
        from %2$s t join unnest($1, $2) as v(id, a) on v.id = t.%3$I and v.a = t.%4$I
       where t.%1$I is not null group by t.%1$I$q$, p.case_column, p.tab, p.id_column, p.key_column) using p_ids, p_old, p_new, p_place;
  end if;
  execute format('update %1$s t set %2$I = v.b from unnest($1, $2, $3) as v(id, a, b) where v.id = t.%3$I and v.a = t.%2$I', p.tab, p.key_column, p.id_column)
    using p_ids, p_old, p_new;
  get diagnostics moved = row_count;
  return moved;
end $_$;

ALTER FUNCTION keys.put(p_place text, p_ids uuid[], p_old bytea[], p_new bytea[]) OWNER TO binhan_keeper;

-- Name: put_file(uuid, bytea, bytea, bigint); Type: FUNCTION; Schema: keys; Owner: binhan_keeper

CREATE FUNCTION keys.put_file(p_id uuid, p_old bytea, p_new bytea, p_version bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if p_new is not null then
    insert into audit.entries (act, kind, subject, case_id, classes, decision, condition)
    select 'keys.rewrap', 'evidence', e.id, e.case_id, '{}', 'allowed', 'evidence.details' from public.evidence e where e.id = p_id and e.details = p_old;
    update public.evidence e set details = p_new where e.id = p_id and e.details = p_old;
    if not found then
      return false;
    end if;
  end if;
  insert into keys.files (evidence_id, version) values (p_id, p_version)
    on conflict on constraint files_pkey do update set version = excluded.version;
  return true;
end $$;

ALTER FUNCTION keys.put_file(p_id uuid, p_old bytea, p_new bytea, p_version bigint) OWNER TO binhan_keeper;

-- Name: take(text, bigint, uuid, integer); Type: FUNCTION; Schema: keys; Owner: binhan_keeper

CREATE FUNCTION keys.take(p_place text, p_version bigint, p_after uuid, p_limit integer) RETURNS TABLE(id uuid, owner uuid, compartment text, key bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare p record;
begin
  select * into strict p from keys.places x where x.place = p_place;
  return query execute format('select %1$I, %2$I, $1, %3$I from %4$s where %3$I is not null and keys.version(%3$I) < $2 and ($3::uuid is null or %1$I > $3) order by %1$I limit $4',
    p.id_column, p.owner_column, p.key_column, p.tab) using p.compartment, p_version, p_after, p_limit;
end $_$;

ALTER FUNCTION keys.take(p_place text, p_version bigint, p_after uuid, p_limit integer) OWNER TO binhan_keeper;

-- Name: take_files(bigint, uuid, integer); Type: FUNCTION; Schema: keys; Owner: binhan_keeper

CREATE FUNCTION keys.take_files(p_version bigint, p_after uuid, p_limit integer) RETURNS TABLE(id uuid, owner uuid, key bytea, details bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select e.id, e.case_id, k.evidence, e.details
    from public.evidence e
    join public.case_keys k on k.case_id = e.case_id and k.evidence is not null
    left join keys.files f on f.evidence_id = e.id
   where coalesce(f.version, 0) < p_version and (p_after is null or e.id > p_after)
   order by e.id limit p_limit
$$;

ALTER FUNCTION keys.take_files(p_version bigint, p_after uuid, p_limit integer) OWNER TO binhan_keeper;

-- Name: version(bytea); Type: FUNCTION; Schema: keys; Owner: binhan_keeper

CREATE FUNCTION keys.version(p_key bytea) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case when length(p_key) = 73 and get_byte(p_key, 0) = 1
              then (get_byte(p_key, 1)::bigint << 24) | (get_byte(p_key, 2) << 16) | (get_byte(p_key, 3) << 8) | get_byte(p_key, 4) else 0 end
$$;

ALTER FUNCTION keys.version(p_key bytea) OWNER TO binhan_keeper;

-- Name: approve(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.approve(p_erasure uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id(); office text := rights.office(); e record; mine text;
begin
  select x.* into e from rights.erasures x where x.id = p_erasure for update;
  if e.id is null or me is null then
    raise exception 'no such erasure' using errcode = 'BA403';
  end if;
  if office = 'DPO' then
    mine := 'DPO';
  elsif exists (select 1 from public.case_standings s where s.case_id = e.case_id and s.holder = me and s.standing = 'supervisor' and s.referral_id is null and (s.until is null or s.until > now())) then
    mine := 'SUPERVISOR';
  else
    raise exception 'not hers to approve' using errcode = 'BA403';
  end if;
  if exists (select 1 from public.case_walls w where w.case_id = e.case_id and w.user_id = me and w.lifted_at is null) then
    raise exception 'not hers to approve' using errcode = 'BA403';
  end if;
  if e.state not in ('PROPOSED', 'HALF') then
    raise exception 'decided already' using errcode = 'BA427';
  end if;
  if me = e.proposed_by or me = e.first_by or e.state = 'HALF' and mine <> 'DPO' and e.first_as <> 'DPO' then
    raise exception 'another decides' using errcode = 'BA426';
  end if;
  if rights.held(e.case_id) then
    raise exception 'under legal hold' using errcode = 'BA425';
  end if;
  if e.ground = 'REQUEST' and not exists (select 1 from rights.requests r where r.id = e.request_id and r.case_id = e.case_id and r.kind = 'ERASE' and r.state in ('ACKNOWLEDGED', 'IN_WORK', 'EXTENDED')) then
    raise exception 'no open request to erase' using errcode = 'BA427';
  end if;
  if e.ground = 'TERM' and not exists (select 1 from rights.terms t where t.case_id = e.case_id and t.keep_until < (now() at time zone 'Asia/Ho_Chi_Minh')::date)
     and not exists (select 1 from public.cases c where c.id = e.case_id and c.status in ('NEW', 'SCREENING')) then
    raise exception 'the term is not over' using errcode = 'BA427';
  end if;
  if e.state = 'PROPOSED' then
    update rights.erasures set state = 'HALF', first_by = me, first_as = mine, first_at = now() where id = p_erasure;
    return 'HALF';
  end if;
  update rights.erasures set state = 'APPROVED', second_by = me, second_as = mine, second_at = now() where id = p_erasure;
  return 'APPROVED';
end $$;

ALTER FUNCTION rights.approve(p_erasure uuid) OWNER TO binhan_keeper;

-- Name: bar(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.bar(p_case uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare s text;
begin
  select c.status into s from public.cases c where c.id = p_case for key share;
  return case when s = 'ERASED' then 'erased' when s in ('CLOSED', 'ARCHIVED') then 'closed'
              when exists (select 1 from rights.restrictions r where r.case_id = p_case and r.lifted_at is null) then 'restricted'
              else '' end;
end $$;

ALTER FUNCTION rights.bar(p_case uuid) OWNER TO binhan_keeper;

-- Name: breach_moves_legally(); Type: FUNCTION; Schema: rights; Owner: binhan_owner

CREATE FUNCTION rights.breach_moves_legally() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if (new.id, new.code, new.detected_at, new.kind, new.serious, new.due_first, new.due_notice, new.recorded_by, new.recorded_at)
       is distinct from (old.id, old.code, old.detected_at, old.kind, old.serious, old.due_first, old.due_notice, old.recorded_by, old.recorded_at)
     or old.first_sent_at is not null and new.first_sent_at is distinct from old.first_sent_at
     or old.notice_sent_at is not null and new.notice_sent_at is distinct from old.notice_sent_at
     or old.persons_told_at is not null and new.persons_told_at is distinct from old.persons_told_at
     or old.state = 'CLOSED'
     or new.state <> old.state and not (old.state || '>' || new.state = any (array['OPEN>CONTAINED', 'OPEN>NOTIFIED', 'CONTAINED>NOTIFIED', 'NOTIFIED>CLOSED'])) then
    raise exception 'no such move of a breach' using errcode = 'BA427';
  end if;
  return new;
end $$;

ALTER FUNCTION rights.breach_moves_legally() OWNER TO binhan_owner;

-- Name: corrections_of(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.corrections_of(p_request uuid) RETURNS TABLE(id uuid, at timestamp with time zone, by_user uuid, version integer, fields text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select h.id, h.at, h.by_user, h.version, h.fields
    from rights.request_corrections x join rights.requests r on r.id = x.request_id join public.case_history h on h.id = x.correction_id
   where x.request_id = p_request and rights.steers(r.case_id)
   order by h.at, h.id
$$;

ALTER FUNCTION rights.corrections_of(p_request uuid) OWNER TO binhan_keeper;

-- Name: due(integer, integer, integer); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.due(p_unconverted integer, p_within integer, p_limit integer) RETURNS TABLE(case_id uuid, case_code text, rule text, keep_until date, closed_on date, held boolean, erasure uuid, erasure_state text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION rights.due(p_unconverted integer, p_within integer, p_limit integer) OWNER TO binhan_keeper;

-- Name: empty_case(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.empty_case(p_case uuid, OUT keys integer, OUT snapshots integer, OUT sealed_values integer, OUT files integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION rights.empty_case(p_case uuid, OUT keys integer, OUT snapshots integer, OUT sealed_values integer, OUT files integer) OWNER TO binhan_keeper;

-- Name: files_held(uuid, integer); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.files_held(p_erasure uuid, p_held integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id();
begin
  update rights.erasures e set files_held = p_held where e.id = p_erasure and e.state = 'DONE' and me in (e.first_by, e.second_by) and p_held between 0 and e.files;
end $$;

ALTER FUNCTION rights.files_held(p_erasure uuid, p_held integer) OWNER TO binhan_keeper;

-- Name: find_case(text); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.find_case(p_text text) RETURNS TABLE(id uuid, code text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return query
    select c.id, c.code from public.cases c
     where (c.code = upper(p_text) or c.id::text = lower(p_text)) and c.status <> 'ERASED'
       and (rights.office() = 'DPO'
            or exists (select 1 from public.case_standings s where s.case_id = c.id and s.referral_id is null and s.holder = any (auth.principals())
                          and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())))
       and not gate.walled(auth.user_id(), c.id);
end $$;

ALTER FUNCTION rights.find_case(p_text text) OWNER TO binhan_keeper;

-- Name: held(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.held(p_case uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from rights.holds h where h.case_id = p_case and h.lifted_at is null and (h.until is null or h.until >= (now() at time zone 'Asia/Ho_Chi_Minh')::date))
$$;

ALTER FUNCTION rights.held(p_case uuid) OWNER TO binhan_keeper;

-- Name: lifted_once(); Type: FUNCTION; Schema: rights; Owner: binhan_owner

CREATE FUNCTION rights.lifted_once() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if old.lifted_at is not null or new.lifted_at is null then
    raise exception 'lifted once' using errcode = 'BA427';
  end if;
  new.lifted_at := now();
  return new;
end $$;

ALTER FUNCTION rights.lifted_once() OWNER TO binhan_owner;

-- Name: must_be_free(); Type: FUNCTION; Schema: rights; Owner: binhan_owner

CREATE FUNCTION rights.must_be_free() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare bar text; c uuid;
begin
  if current_user = 'binhan_keeper' then
    return new;
  end if;
  if tg_table_name = 'cases' then
    if old.status = 'ERASED' or old.status in ('CLOSED', 'ARCHIVED') and new.status <> 'REOPENED' then
      raise exception 'the case is closed' using errcode = 'BA424';
    end if;
    c := new.id;
    bar := case when rights.bar(c) = 'restricted' then 'restricted' else '' end;
  else
    c := new.case_id;
    bar := rights.bar(c);
  end if;
  if bar = '' then
    return new;
  end if;
  case tg_table_name
    when 'consents' then -- what she says is always written down; taking back is never barred but by erasure
      if tg_op = 'UPDATE' and bar <> 'erased' or bar = 'restricted' then return new; end if;
    when 'referral_moves' then
      if bar <> 'erased' then return new; end if;
    when 'referrals' then
      -- Danger to life and a duty to report are stronger than a restriction (Law 91/2025/QH15 art. 19.1); ending a referral never shares.
      if bar = 'restricted' and new.legal_basis in ('EMERGENCY', 'LAW') then return new; end if;
      if tg_op = 'UPDATE' and bar <> 'erased' and (bar = 'closed' or new.status not in ('SENT', 'ACCEPTED', 'FORWARDED')
           and not (old.status = 'INFO_REQUESTED' and new.status = 'RECEIVED')) then return new; end if;
    else null;
  end case;
  if bar = 'restricted' then
    raise exception 'the case is restricted' using errcode = 'BA423';
  end if;
  raise exception 'the case is closed' using errcode = 'BA424';
end $$;

ALTER FUNCTION rights.must_be_free() OWNER TO binhan_owner;

-- Name: name_corrections(uuid, uuid[]); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.name_corrections(p_request uuid, p_ids uuid[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare n integer;
begin
  insert into rights.request_corrections (request_id, correction_id)
  select r.id, h.id from rights.requests r join public.case_history h on h.case_id = r.case_id and h.at >= r.received_at
   where r.id = p_request and r.kind = 'RECTIFY' and r.ended_at is null and rights.steers(r.case_id) and (cardinality(p_ids) = 0 or h.id = any (p_ids));
  get diagnostics n = row_count;
  return n;
end $$;

ALTER FUNCTION rights.name_corrections(p_request uuid, p_ids uuid[]) OWNER TO binhan_keeper;

-- Name: office(); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.office() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return coalesce((select m.role from auth.sessions s join auth.memberships m on m.id = s.membership_id
                    where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8')) and auth.principals() is not null), '');
end $$;

ALTER FUNCTION rights.office() OWNER TO binhan_keeper;

-- Name: owners(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.owners(p_case uuid) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select array[p_case] || array(select r.id from public.referrals r where r.case_id = p_case order by r.id)
                       || array(select q.id from rights.requests q where q.case_id = p_case order by q.id)
$$;

ALTER FUNCTION rights.owners(p_case uuid) OWNER TO binhan_keeper;

-- Name: refuse_change(); Type: FUNCTION; Schema: rights; Owner: binhan_owner

CREATE FUNCTION rights.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if current_user = 'binhan_keeper' then -- the shred empties what was sealed, and deletes no line that counts
    return coalesce(new, old);
  end if;
  raise exception 'what was written about rights is never changed' using errcode = 'BA500';
end $$;

ALTER FUNCTION rights.refuse_change() OWNER TO binhan_owner;

-- Name: refuse_erasure(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.refuse_erasure(p_erasure uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id(); e record;
begin
  select x.* into e from rights.erasures x where x.id = p_erasure for update;
  if e.id is null or me is null or rights.office() <> 'DPO'
     and not exists (select 1 from public.case_standings s where s.case_id = e.case_id and s.holder = me and s.standing = 'supervisor' and s.referral_id is null and (s.until is null or s.until > now())) then
    raise exception 'not hers to refuse' using errcode = 'BA403';
  end if;
  if e.state not in ('PROPOSED', 'HALF') then
    raise exception 'decided already' using errcode = 'BA427';
  end if;
  update rights.erasures set state = 'REFUSED', refused_by = me, refused_at = now() where id = p_erasure;
end $$;

ALTER FUNCTION rights.refuse_erasure(p_erasure uuid) OWNER TO binhan_keeper;

-- Name: replay(uuid[], bytea[]); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.replay(p_owners uuid[], p_facts bytea[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare c uuid; n integer := 0;
begin
  for c in select x.id from public.cases x where x.id = any (p_owners) and (x.status <> 'ERASED' or exists (select 1 from public.case_keys k where k.case_id = x.id)) loop
    perform rights.empty_case(c);
    insert into audit.entries (act, kind, subject, case_id, classes, decision, reason) values ('erasure.replay', 'case', c, c, '{}', 'allowed', 'restored');
    n := n + 1;
  end loop;
  delete from stats.facts f where f.fact_ref = any (p_facts) and f.cube_id is null;
  update stats.facts f
     set received_on = date_trunc('year', f.received_on)::date, area = 'UNK', commune = 'UNK', form = 'UNK', forms = '{}', sex = 'UNK', age = 'UNK',
         relation = 'UNKNOWN', sex_perp = 'UNK', ethnic = 'UNK'
   where f.fact_ref = any (p_facts) and f.cube_id is not null and f.forms <> '{}';
  return n;
end $$;

ALTER FUNCTION rights.replay(p_owners uuid[], p_facts bytea[]) OWNER TO binhan_keeper;

-- Name: request_moves_legally(); Type: FUNCTION; Schema: rights; Owner: binhan_owner

CREATE FUNCTION rights.request_moves_legally() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if (new.id, new.code, new.case_id, new.case_code, new.kind, new.asked_by, new.identity_check, new.third_party, new.received_at, new.registered_at, new.registered_by, new.due_reply, new.law, new.days)
       is distinct from (old.id, old.code, old.case_id, old.case_code, old.kind, old.asked_by, old.identity_check, old.third_party, old.received_at, old.registered_at, old.registered_by, old.due_reply, old.law, old.days)
     or old.extended_at is not null and (new.extended_at is distinct from old.extended_at or new.due_act <> old.due_act)
     or old.extended_at is null and (new.extended_at is not null) <> (new.due_act <> old.due_act)
     or new.due_act < old.due_act
     or new.state <> old.state and not (old.state || '>' || new.state = any (array[
       'RECEIVED>ACKNOWLEDGED', 'RECEIVED>REFUSED', 'RECEIVED>TAKEN_BACK', 'ACKNOWLEDGED>IN_WORK', 'ACKNOWLEDGED>EXTENDED', 'ACKNOWLEDGED>DONE', 'ACKNOWLEDGED>REFUSED',
       'ACKNOWLEDGED>TAKEN_BACK', 'IN_WORK>EXTENDED', 'IN_WORK>DONE', 'IN_WORK>REFUSED', 'IN_WORK>TAKEN_BACK', 'EXTENDED>DONE', 'EXTENDED>REFUSED', 'EXTENDED>TAKEN_BACK'])) then
    raise exception 'no such move of a request' using errcode = 'BA427';
  end if;
  return new;
end $$;

ALTER FUNCTION rights.request_moves_legally() OWNER TO binhan_owner;

-- Name: sees(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_owner

CREATE FUNCTION rights.sees(p_case uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return ('none' = any (gate.standings()) and rights.office() = 'DPO')
      or exists (select 1 from public.case_standings s where s.case_id = p_case and s.referral_id is null and s.standing = any (gate.standings()) and (s.until is null or s.until > now()));
end $$;

ALTER FUNCTION rights.sees(p_case uuid) OWNER TO binhan_owner;

-- Name: shred(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.shred(p_erasure uuid) RETURNS TABLE(keys integer, snapshots integer, sealed_values integer, files integer, objects text[], versions text[])
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare me uuid := auth.user_id(); e record; n record; o text[]; v text[];
begin
  select x.* into e from rights.erasures x where x.id = p_erasure for update;
  if e.id is null or me is null or me not in (e.first_by, e.second_by) and rights.office() <> 'DPO' then
    raise exception 'not hers to carry out' using errcode = 'BA403';
  end if;
  if e.state <> 'APPROVED' then
    raise exception 'not approved' using errcode = 'BA427';
  end if;
  if rights.held(e.case_id) then
    raise exception 'under legal hold' using errcode = 'BA425';
  end if;
  perform 1 from public.cases c where c.id = e.case_id for update; -- whoever attaches at this moment is waited for
  select coalesce(array_agg(f.object order by f.id), '{}'), coalesce(array_agg(f.object_version order by f.id), '{}') into o, v from public.evidence f where f.case_id = e.case_id;
  update rights.erasures x
     set opened_on = (select (c.opened_at at time zone 'Asia/Ho_Chi_Minh')::date from public.cases c where c.id = e.case_id),
         closed_on = (select t.starts_on from rights.terms t where t.case_id = e.case_id)
   where x.id = p_erasure;
  select * into n from rights.empty_case(e.case_id);
  update rights.requests q set state = 'DONE', acknowledged_at = coalesce(q.acknowledged_at, now()), ended_at = now(), version = q.version + 1
   where q.case_id = e.case_id and q.kind = 'ERASE' and q.ended_at is null;
  update rights.erasures x set state = 'DONE', done_at = now(), keys = n.keys, snapshots = n.snapshots, sealed_values = n.sealed_values, files = n.files where x.id = p_erasure;
  return query select n.keys, n.snapshots, n.sealed_values, n.files, o, v;
end $$;

ALTER FUNCTION rights.shred(p_erasure uuid) OWNER TO binhan_keeper;

-- Name: steers(uuid); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.steers(p_case uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select (rights.office() = 'DPO'
          or exists (select 1 from public.case_standings s where s.case_id = p_case and s.referral_id is null and s.holder = any (auth.principals())
                        and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())))
     and not gate.walled(auth.user_id(), p_case)
$$;

ALTER FUNCTION rights.steers(p_case uuid) OWNER TO binhan_keeper;

-- Name: taken_back(uuid, timestamp with time zone); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.taken_back(p_case uuid, p_since timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from public.consents c where c.case_id = p_case and c.withdrawn_at >= p_since)
$$;

ALTER FUNCTION rights.taken_back(p_case uuid, p_since timestamp with time zone) OWNER TO binhan_keeper;

-- Name: unreplayed(uuid[]); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.unreplayed(p_owners uuid[]) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select count(*)::integer from public.cases c where c.id = any (p_owners) and (c.status <> 'ERASED' or exists (select 1 from public.case_keys k where k.case_id = c.id))
$$;

ALTER FUNCTION rights.unreplayed(p_owners uuid[]) OWNER TO binhan_keeper;

-- Name: wait_for_writers(); Type: FUNCTION; Schema: rights; Owner: binhan_keeper

CREATE FUNCTION rights.wait_for_writers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform 1 from public.cases c where c.id = new.case_id for update;
  return new;
end $$;

ALTER FUNCTION rights.wait_for_writers() OWNER TO binhan_keeper;

-- Name: accept(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.accept(p_referral uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.accept(p_referral uuid) OWNER TO binhan_keeper;

-- Name: address(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.address(p_referral uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.address(p_referral uuid) OWNER TO binhan_keeper;

-- Name: agree_seal(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.agree_seal(p_seal uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.agree_seal(p_seal uuid) OWNER TO binhan_keeper;

-- Name: ask_safety(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.ask_safety(p_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.ask_safety(p_id uuid) OWNER TO binhan_keeper;

-- Name: ask_seal(uuid, uuid, text, text[], text); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.ask_seal(p_id uuid, p_case uuid, p_why text, p_names text[], p_second text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.ask_seal(p_id uuid, p_case uuid, p_why text, p_names text[], p_second text) OWNER TO binhan_keeper;

-- Name: ask_unseal(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.ask_unseal(p_case uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.ask_unseal(p_case uuid) OWNER TO binhan_keeper;

-- Name: assign(uuid, uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.assign(p_case uuid, p_user uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.assign(p_case uuid, p_user uuid) OWNER TO binhan_keeper;

-- Name: break_glass(uuid, uuid, text, text, integer, integer, timestamp with time zone); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.break_glass(p_id uuid, p_case uuid, p_spoken text, p_code text, p_hours integer, p_daily integer, p_due timestamp with time zone) RETURNS TABLE(outcome text, case_id uuid, opening uuid, until timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.break_glass(p_id uuid, p_case uuid, p_spoken text, p_code text, p_hours integer, p_daily integer, p_due timestamp with time zone) OWNER TO binhan_keeper;

-- Name: end_referral(uuid, text); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.end_referral(p_referral uuid, p_why text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.end_referral(p_referral uuid, p_why text) OWNER TO binhan_keeper;

-- Name: follow_status(); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.follow_status() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if new.status not in ('ACCEPTED', 'IN_SERVICE', 'FEEDBACK', 'NO_SHOW') then
    update public.case_standings set until = now(), why = 'status ' || new.status where referral_id = new.id and standing = 'referred' and until is null;
  end if;
  return null;
end $$;

ALTER FUNCTION standing.follow_status() OWNER TO binhan_keeper;

-- Name: forward(uuid, bytea); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.forward(p_new uuid, p_talk bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.forward(p_new uuid, p_talk bytea) OWNER TO binhan_keeper;

-- Name: holders_without_tokens(); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.holders_without_tokens() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select distinct u.username
    from public.cases k join auth.users u on u.id = k.owner
   where k.status <> 'ERASED' and u.disabled_at is null and not exists (select 1 from public.case_tokens t where t.case_id = k.id)
   order by 1
$$;

ALTER FUNCTION standing.holders_without_tokens() OWNER TO binhan_keeper;

-- Name: known(text[], bytea[], boolean); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.known(p_kinds text[], p_tokens bytea[], p_near boolean) RETURNS TABLE(case_id uuid, code text, mine boolean, commune text, who text, kind text, token_id uuid, key bytea, sealed bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

ALTER FUNCTION standing.known(p_kinds text[], p_tokens bytea[], p_near boolean) OWNER TO binhan_keeper;

-- Name: legal_move(text, text); Type: FUNCTION; Schema: standing; Owner: binhan_owner

CREATE FUNCTION standing.legal_move(p_from text, p_to text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
  select p_from || '>' || p_to = any (array[
    'DRAFT>SENT', 'DRAFT>CANCELLED', 'DRAFT>CONSENT_WITHDRAWN',
    'SENT>RECEIVED', 'SENT>ACCEPTED', 'SENT>DECLINED', 'SENT>INFO_REQUESTED', 'SENT>FORWARDED', 'SENT>CANCELLED', 'SENT>CONSENT_WITHDRAWN', 'SENT>COMPLETED',
    'RECEIVED>ACCEPTED', 'RECEIVED>DECLINED', 'RECEIVED>INFO_REQUESTED', 'RECEIVED>FORWARDED', 'RECEIVED>CANCELLED', 'RECEIVED>CONSENT_WITHDRAWN', 'RECEIVED>COMPLETED',
    'INFO_REQUESTED>RECEIVED', 'INFO_REQUESTED>ACCEPTED', 'INFO_REQUESTED>DECLINED', 'INFO_REQUESTED>CANCELLED', 'INFO_REQUESTED>CONSENT_WITHDRAWN',
    'ACCEPTED>IN_SERVICE', 'ACCEPTED>FEEDBACK', 'ACCEPTED>NO_SHOW', 'ACCEPTED>CANCELLED', 'ACCEPTED>CONSENT_WITHDRAWN',
    'IN_SERVICE>FEEDBACK', 'IN_SERVICE>NO_SHOW', 'IN_SERVICE>CANCELLED', 'IN_SERVICE>CONSENT_WITHDRAWN',
    'FEEDBACK>COMPLETED', 'NO_SHOW>COMPLETED', 'DECLINED>COMPLETED'])
$$;

ALTER FUNCTION standing.legal_move(p_from text, p_to text) OWNER TO binhan_owner;

-- Name: lift_wall(uuid, uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.lift_wall(p_case uuid, p_wall uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id();
begin
  if gate.walled(me, p_case) or not exists (select 1 from public.case_standings s where s.case_id = p_case and s.holder = me and s.referral_id is null and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())) then
    raise exception 'not hers to lift' using errcode = 'BA403';
  end if;
  update public.case_walls w set lifted_at = now() where w.id = p_wall and w.case_id = p_case and w.lifted_at is null;
  return found;
end $$;

ALTER FUNCTION standing.lift_wall(p_case uuid, p_wall uuid) OWNER TO binhan_keeper;

-- Name: move_legally(); Type: FUNCTION; Schema: standing; Owner: binhan_owner

CREATE FUNCTION standing.move_legally() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if new.status <> old.status and not standing.legal_move(old.status, new.status) then
    raise exception 'no such move' using errcode = 'BA500';
  end if;
  return new;
end $$;

ALTER FUNCTION standing.move_legally() OWNER TO binhan_owner;

-- Name: my_staff(); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.my_staff() RETURNS TABLE(id uuid, username text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select distinct u.id, u.username, u.name
    from auth.memberships m join auth.users u on u.id = m.user_id
   where m.supervisor = auth.user_id() and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())
     and m.role in ('COUNSELLOR', 'CASE_MANAGER', 'WU_FOCAL')
$$;

ALTER FUNCTION standing.my_staff() OWNER TO binhan_keeper;

-- Name: open_cases(uuid[]); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.open_cases(p_cases uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.open_cases(p_cases uuid[]) OWNER TO binhan_keeper;

-- Name: open_safety(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.open_safety(p_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.open_safety(p_id uuid) OWNER TO binhan_keeper;

-- Name: owes_review(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.owes_review(p_user uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from public.break_glass b where b.user_id = p_user and b.reviewed_at is null and b.review_due <= now())
$$;

ALTER FUNCTION standing.owes_review(p_user uuid) OWNER TO binhan_keeper;

-- Name: review_break_glass(uuid, text); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.review_break_glass(p_id uuid, p_verdict text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.review_break_glass(p_id uuid, p_verdict text) OWNER TO binhan_keeper;

-- Name: seals_waiting(); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.seals_waiting() RETURNS TABLE(id uuid, why text, lifting boolean, asked_by text, asked_at timestamp with time zone, code text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select z.id, z.why, z.agreed_at is not null, u.name, coalesce(z.lift_asked_at, z.asked_at), case when z.agreed_at is null and not gate.walled(z.second, z.case_id) then k.code end
    from public.case_seals z
    join public.cases k on k.id = z.case_id
    join auth.users u on u.id = coalesce(z.lift_asked_by, z.asked_by)
   where z.second = auth.user_id() and z.lifted_at is null and (z.agreed_at is null or z.lift_asked_at is not null)
   order by 5, 1
$$;

ALTER FUNCTION standing.seals_waiting() OWNER TO binhan_keeper;

-- Name: shared(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.shared(p_referral uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce((select r.consent_id is null or c.decision = 'GIVEN' and c.withdrawn_at is null and (c.expires_at is null or c.expires_at > now())
                     from public.referrals r left join public.consents c on c.id = r.consent_id
                    where r.id = p_referral), false)
$$;

ALTER FUNCTION standing.shared(p_referral uuid) OWNER TO binhan_keeper;

-- Name: somebody_there(uuid, uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.somebody_there(p_case uuid, p_org uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(bool_or(not gate.walled(m.user_id, p_case)), true)
    from auth.memberships m join auth.users u on u.id = m.user_id
   where m.organisation_id = p_org and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())
     and m.role in ('POLICE_FOCAL', 'WU_FOCAL', 'COUNSEL_PARTNER', 'HEALTH_FOCAL', 'LEGAL_AID_OFFICER', 'SHELTER_KEEPER', 'COMMUNE_OFFICER', 'COUNSELLOR', 'CASE_MANAGER')
$$;

ALTER FUNCTION standing.somebody_there(p_case uuid, p_org uuid) OWNER TO binhan_keeper;

-- Name: staff_of(uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.staff_of(p_org uuid) RETURNS TABLE(id uuid, username text, name text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select distinct u.id, u.username, u.name, m.role
    from auth.memberships m join auth.users u on u.id = m.user_id
   where m.organisation_id = p_org and u.disabled_at is null and (m.valid_to is null or m.valid_to > now())
     and m.role not in ('SYS_ADMIN', 'AUDITOR', 'DPO', 'STAT_OFFICER', 'STAT_APPROVER', 'UNIT_REPORTER')
     and auth.user_id() is not null
   order by u.name, u.id
$$;

ALTER FUNCTION standing.staff_of(p_org uuid) OWNER TO binhan_keeper;

-- Name: tell(uuid, text, uuid, uuid); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.tell(p_to uuid, p_kind text, p_case uuid, p_subject uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id();
begin
  if p_to is null or p_to = me or (p_case is not null and gate.walled(p_to, p_case)) then
    return;
  end if;
  insert into public.notices (recipient, kind, case_id, subject, by_user, by_org) values (p_to, p_kind, p_case, p_subject, me, auth.org_id());
end $$;

ALTER FUNCTION standing.tell(p_to uuid, p_kind text, p_case uuid, p_subject uuid) OWNER TO binhan_keeper;

-- Name: tell_known(uuid[]); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.tell_known(p_cases uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare x record;
begin
  for x in select k.id, k.owner from public.cases k where k.id = any (p_cases[1:20]) and not gate.walled(auth.user_id(), k.id) loop
    perform standing.tell(x.owner, 'known', x.id, null);
  end loop;
end $$;

ALTER FUNCTION standing.tell_known(p_cases uuid[]) OWNER TO binhan_keeper;

-- Name: tell_spent(text); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.tell_spent(p_budget text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare me uuid := auth.user_id(); boss uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('told/' || me, 7));
  select m.supervisor into boss from auth.sessions s join auth.memberships m on m.id = s.membership_id
   where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8'));
  if boss is not null and not exists (select 1 from public.notices n where n.recipient = boss and n.by_user = me and n.kind = 'budget_' || p_budget and n.at > now() - interval '1 hour') then
    perform standing.tell(boss, 'budget_' || p_budget, null, null);
  end if;
end $$;

ALTER FUNCTION standing.tell_spent(p_budget text) OWNER TO binhan_keeper;

-- Name: wall(uuid, uuid, text, text); Type: FUNCTION; Schema: standing; Owner: binhan_keeper

CREATE FUNCTION standing.wall(p_id uuid, p_case uuid, p_username text, p_why text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION standing.wall(p_id uuid, p_case uuid, p_username text, p_why text) OWNER TO binhan_keeper;

-- Name: withdraw_once(); Type: FUNCTION; Schema: standing; Owner: binhan_owner

CREATE FUNCTION standing.withdraw_once() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if old.withdrawn_at is not null or new.withdrawn_at is null then
    raise exception 'a withdrawn consent stays withdrawn' using errcode = 'BA500';
  end if;
  new.withdrawn_at := now();
  return new;
end $$;

ALTER FUNCTION standing.withdraw_once() OWNER TO binhan_owner;

-- Name: check_cells(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_cells() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if exists (select 1 from (select distinct a.cube_id from added a) m left join stats.cubes c on c.id = m.cube_id
              where c.state is distinct from 'PREPARING') then
    raise exception 'cells enter while their cube is prepared'
      using errcode = '23514', constraint = 'cell_enters_while_preparing', schema = 'stats', table = 'release_cells';
  end if;
  return null;
end $$;

ALTER FUNCTION stats.check_cells() OWNER TO binhan_owner;

-- Name: check_cube(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_cube() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.check_cube() OWNER TO binhan_owner;

-- Name: check_erratum(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_erratum() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  new.by_user := auth.user_id();
  new.at := now();
  if not exists (select 1 from stats.cubes c where c.id = new.cube_id and c.state in ('PUBLISHED', 'SUPERSEDED')) then
    raise exception 'an erratum is of a published release'
      using errcode = '23514', constraint = 'erratum_is_of_a_published_release', schema = 'stats', table = 'errata';
  end if;
  return new;
end $$;

ALTER FUNCTION stats.check_erratum() OWNER TO binhan_owner;

-- Name: check_frozen(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_frozen() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.check_frozen() OWNER TO binhan_owner;

-- Name: check_frozen_late(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_frozen_late() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if tg_op = 'UPDATE' and (new.fact_ref, new.scope, new.cube_id, new.again) = (old.fact_ref, old.scope, old.cube_id, old.again)
     and new.closed_on = date_trunc('year', old.closed_on)::date and (new.form, new.service, new.outcome, new.time_bin) = ('UNK', 'UNK', 'UNK', 'UNK') then
    return new;
  end if;
  raise exception 'a counted fact is never changed' using errcode = '23514', constraint = 'counted_fact_stays', schema = 'stats', table = 'late_facts';
end $$;

ALTER FUNCTION stats.check_frozen_late() OWNER TO binhan_owner;

-- Name: check_ledger(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_ledger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.check_ledger() OWNER TO binhan_owner;

-- Name: check_measurements(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_measurements() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.check_measurements() OWNER TO binhan_owner;

-- Name: check_plan(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_plan() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if tg_op = 'INSERT' then
    new.approved_by_1 := auth.user_id();
    new.approved_by_2 := null;
    new.created_at := now();
    return new;
  end if;
  if (new.id, new.version, new.spec, new.sha256, new.approved_by_1, new.created_at)
       is distinct from (old.id, old.version, old.spec, old.sha256, old.approved_by_1, old.created_at)
     or old.approved_by_2 is not null then
    raise exception 'a plan is never changed' using errcode = 'BA500';
  end if;
  new.approved_by_2 := auth.user_id();
  return new;
end $$;

ALTER FUNCTION stats.check_plan() OWNER TO binhan_owner;

-- Name: check_plan_version(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.check_plan_version() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.check_plan_version() OWNER TO binhan_owner;

-- Name: drop_fact(bytea); Type: FUNCTION; Schema: stats; Owner: binhan_keeper

CREATE FUNCTION stats.drop_fact(ref bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.drop_fact(ref bytea) OWNER TO binhan_keeper;

-- Name: drop_late(bytea); Type: FUNCTION; Schema: stats; Owner: binhan_keeper

CREATE FUNCTION stats.drop_late(ref bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if auth.user_id() is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  delete from stats.late_facts l where l.fact_ref = drop_late.ref and l.cube_id is null;
end $$;

ALTER FUNCTION stats.drop_late(ref bytea) OWNER TO binhan_keeper;

-- Name: freeze_facts(uuid, integer); Type: FUNCTION; Schema: stats; Owner: binhan_keeper

CREATE FUNCTION stats.freeze_facts(cube uuid, for_attempt integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.freeze_facts(cube uuid, for_attempt integer) OWNER TO binhan_keeper;

-- Name: links_exist(uuid); Type: FUNCTION; Schema: stats; Owner: binhan_keeper

CREATE FUNCTION stats.links_exist(cube uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select 1 from stats.facts f join stats.links k on k.fact_ref = f.fact_ref where f.cube_id = links_exist.cube or f.quarter_id = links_exist.cube);
$$;

ALTER FUNCTION stats.links_exist(cube uuid) OWNER TO binhan_keeper;

-- Name: put_fact(bytea, text, date, text, text, text, text[], text, text, text, text, text); Type: FUNCTION; Schema: stats; Owner: binhan_keeper

CREATE FUNCTION stats.put_fact(ref bytea, scope text, received_on date, area text, commune text, form text, forms text[], sex text, age text, relation text, sex_perp text, ethnic text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.put_fact(ref bytea, scope text, received_on date, area text, commune text, form text, forms text[], sex text, age text, relation text, sex_perp text, ethnic text) OWNER TO binhan_keeper;

-- Name: put_late(bytea, date, text, text, text); Type: FUNCTION; Schema: stats; Owner: binhan_keeper

CREATE FUNCTION stats.put_late(ref bytea, closed_on date, service text, outcome text, time_bin text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.put_late(ref bytea, closed_on date, service text, outcome text, time_bin text) OWNER TO binhan_keeper;

-- Name: put_link(bytea, bytea); Type: FUNCTION; Schema: stats; Owner: binhan_keeper

CREATE FUNCTION stats.put_link(ref bytea, token bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION stats.put_link(ref bytea, token bytea) OWNER TO binhan_keeper;

-- Name: refuse_change(); Type: FUNCTION; Schema: stats; Owner: binhan_owner

CREATE FUNCTION stats.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  raise exception 'what a release was made of is never changed' using errcode = 'BA500';
end $$;

ALTER FUNCTION stats.refuse_change() OWNER TO binhan_owner;

-- Name: entries; Type: TABLE; Schema: audit; Owner: binhan_owner

CREATE TABLE audit.entries (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    actor uuid,
    organisation uuid,
    role text,
    session bytea,
    act text NOT NULL,
    kind text NOT NULL,
    subject uuid,
    case_id uuid,
    classes text[] NOT NULL,
    decision text NOT NULL,
    standing text,
    reason text,
    note bytea,
    request text,
    client inet,
    device bytea,
    unwraps integer DEFAULT 0 NOT NULL,
    condition text,
    CONSTRAINT decision_is_known CHECK ((decision = ANY (ARRAY['allowed'::text, 'refused'::text])))
)
PARTITION BY RANGE (at);

ALTER TABLE audit.entries OWNER TO binhan_owner;

-- Name: COLUMN entries.id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.id IS 'operational: number';

-- Name: COLUMN entries.at; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.at IS 'operational: when, by the clock of the database';

-- Name: COLUMN entries.xact; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.xact IS 'operational: transaction';

-- Name: COLUMN entries.actor; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.actor IS 'operational: who';

-- Name: COLUMN entries.organisation; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.organisation IS 'operational: for whom';

-- Name: COLUMN entries.role; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.role IS 'operational: in which role';

-- Name: COLUMN entries.session; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.session IS 'operational: start of the hash of the session';

-- Name: COLUMN entries.act; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.act IS 'operational: what';

-- Name: COLUMN entries.kind; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.kind IS 'operational: kind of the subject';

-- Name: COLUMN entries.subject; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.subject IS 'operational: id of the subject';

-- Name: COLUMN entries.case_id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.case_id IS 'operational: the case, for a refusal too';

-- Name: COLUMN entries.classes; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.classes IS 'operational: what was opened';

-- Name: COLUMN entries.decision; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.decision IS 'operational: allowed or refused';

-- Name: COLUMN entries.standing; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.standing IS 'operational: why she may';

-- Name: COLUMN entries.reason; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.reason IS 'operational: coded reason';

-- Name: COLUMN entries.note; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.note IS 'secret: sealed reason in words';

-- Name: COLUMN entries.request; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.request IS 'operational: request id';

-- Name: COLUMN entries.client; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.client IS 'personal: network address of the device';

-- Name: COLUMN entries.device; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.device IS 'secret: hash of the device''s own secret';

-- Name: COLUMN entries.unwraps; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.unwraps IS 'operational: how many keys were opened';

-- Name: COLUMN entries.condition; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries.condition IS 'operational: what let it happen, or stopped it';

-- Name: entries_first; Type: TABLE; Schema: audit; Owner: binhan_owner

CREATE TABLE audit.entries_first (
    id bigint DEFAULT NULL NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    actor uuid,
    organisation uuid,
    role text,
    session bytea,
    act text NOT NULL,
    kind text NOT NULL,
    subject uuid,
    case_id uuid,
    classes text[] NOT NULL,
    decision text NOT NULL,
    standing text,
    reason text,
    note bytea,
    request text,
    client inet,
    device bytea,
    unwraps integer DEFAULT 0 NOT NULL,
    condition text,
    CONSTRAINT decision_is_known CHECK ((decision = ANY (ARRAY['allowed'::text, 'refused'::text])))
);

ALTER TABLE audit.entries_first OWNER TO binhan_owner;

-- Name: COLUMN entries_first.id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.id IS 'operational: number';

-- Name: COLUMN entries_first.at; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.at IS 'operational: when, by the clock of the database';

-- Name: COLUMN entries_first.xact; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.xact IS 'operational: transaction';

-- Name: COLUMN entries_first.actor; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.actor IS 'operational: who';

-- Name: COLUMN entries_first.organisation; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.organisation IS 'operational: for whom';

-- Name: COLUMN entries_first.role; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.role IS 'operational: in which role';

-- Name: COLUMN entries_first.session; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.session IS 'operational: start of the hash of the session';

-- Name: COLUMN entries_first.act; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.act IS 'operational: what';

-- Name: COLUMN entries_first.kind; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.kind IS 'operational: kind of the subject';

-- Name: COLUMN entries_first.subject; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.subject IS 'operational: id of the subject';

-- Name: COLUMN entries_first.case_id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.case_id IS 'operational: the case';

-- Name: COLUMN entries_first.classes; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.classes IS 'operational: what was opened';

-- Name: COLUMN entries_first.decision; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.decision IS 'operational: allowed or refused';

-- Name: COLUMN entries_first.standing; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.standing IS 'operational: why she may';

-- Name: COLUMN entries_first.reason; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.reason IS 'operational: coded reason';

-- Name: COLUMN entries_first.note; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.note IS 'secret: sealed reason in words';

-- Name: COLUMN entries_first.request; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.request IS 'operational: request id';

-- Name: COLUMN entries_first.client; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.client IS 'personal: network address of the device';

-- Name: COLUMN entries_first.device; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.device IS 'secret: hash of the device''s own secret';

-- Name: COLUMN entries_first.unwraps; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.unwraps IS 'operational: how many keys were opened';

-- Name: COLUMN entries_first.condition; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.entries_first.condition IS 'operational: what let it happen, or stopped it';

-- Name: entry_ids; Type: SEQUENCE; Schema: audit; Owner: binhan_owner

CREATE SEQUENCE audit.entry_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE audit.entry_ids OWNER TO binhan_owner;

-- Name: entry_ids; Type: SEQUENCE OWNED BY; Schema: audit; Owner: binhan_owner

ALTER SEQUENCE audit.entry_ids OWNED BY audit.entries.id;

-- Name: entries_other; Type: TABLE; Schema: audit; Owner: binhan_owner

CREATE TABLE audit.entries_other (
    id bigint DEFAULT nextval('audit.entry_ids'::regclass) NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    actor uuid,
    organisation uuid,
    role text,
    session bytea,
    act text NOT NULL,
    kind text NOT NULL,
    subject uuid,
    case_id uuid,
    classes text[] NOT NULL,
    decision text NOT NULL,
    standing text,
    reason text,
    note bytea,
    request text,
    client inet,
    device bytea,
    unwraps integer DEFAULT 0 NOT NULL,
    condition text,
    CONSTRAINT decision_is_known CHECK ((decision = ANY (ARRAY['allowed'::text, 'refused'::text])))
);

ALTER TABLE audit.entries_other OWNER TO binhan_owner;

-- Name: reviews; Type: TABLE; Schema: audit; Owner: binhan_owner

CREATE TABLE audit.reviews (
    id bigint NOT NULL,
    finding text NOT NULL,
    rule text NOT NULL,
    day date NOT NULL,
    actor uuid NOT NULL,
    case_id uuid,
    outcome text NOT NULL,
    code text,
    by_user uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT review_outcome_is_known CHECK ((outcome = ANY (ARRAY['seen'::text, 'explained'::text, 'pursued'::text]))),
    CONSTRAINT review_says_why CHECK (((outcome = 'seen'::text) OR (code IS NOT NULL)))
);

ALTER TABLE audit.reviews OWNER TO binhan_owner;

-- Name: COLUMN reviews.id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.id IS 'operational: number';

-- Name: COLUMN reviews.finding; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.finding IS 'operational: key of the finding';

-- Name: COLUMN reviews.rule; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.rule IS 'operational: by which rule';

-- Name: COLUMN reviews.day; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.day IS 'operational: of which day';

-- Name: COLUMN reviews.actor; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.actor IS 'operational: about whom';

-- Name: COLUMN reviews.case_id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.case_id IS 'operational: about which case';

-- Name: COLUMN reviews.outcome; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.outcome IS 'operational: what came of it';

-- Name: COLUMN reviews.code; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.code IS 'operational: the explanation';

-- Name: COLUMN reviews.by_user; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.by_user IS 'operational: who says so';

-- Name: COLUMN reviews.at; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.reviews.at IS 'operational: when';

-- Name: reviews_id_seq; Type: SEQUENCE; Schema: audit; Owner: binhan_owner

ALTER TABLE audit.reviews ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.reviews_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: seals; Type: TABLE; Schema: audit; Owner: binhan_owner

CREATE TABLE audit.seals (
    size bigint NOT NULL,
    base bigint NOT NULL,
    xact xid8 NOT NULL,
    entry bigint NOT NULL,
    version smallint NOT NULL,
    entries bigint[] NOT NULL,
    hashes bytea NOT NULL,
    checkpoint text NOT NULL,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT seal_counts_its_entries CHECK (((base >= 0) AND (size > base) AND ((size - base) = cardinality(entries))))
);
ALTER TABLE ONLY audit.seals ALTER COLUMN hashes SET STORAGE EXTERNAL;

ALTER TABLE audit.seals OWNER TO binhan_owner;

-- Name: COLUMN seals.size; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.size IS 'operational: leaves of the tree with this seal';

-- Name: COLUMN seals.base; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.base IS 'operational: leaves before it';

-- Name: COLUMN seals.xact; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.xact IS 'operational: transaction of its last entry';

-- Name: COLUMN seals.entry; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.entry IS 'operational: its last entry';

-- Name: COLUMN seals.version; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.version IS 'operational: how its leaves are written';

-- Name: COLUMN seals.entries; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.entries IS 'operational: its entries in order';

-- Name: COLUMN seals.hashes; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.hashes IS 'secret: hashes of the tree; nothing can be read from them';

-- Name: COLUMN seals.checkpoint; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.checkpoint IS 'operational: signed size and root';

-- Name: COLUMN seals.sealed_at; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.seals.sealed_at IS 'operational: when';

-- Name: ties; Type: TABLE; Schema: audit; Owner: binhan_owner

CREATE TABLE audit.ties (
    user_id uuid NOT NULL,
    case_id uuid NOT NULL,
    code text NOT NULL,
    found_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tie_is_of_a_known_kind CHECK ((code = ANY (ARRAY['tie'::text, 'house'::text])))
);

ALTER TABLE audit.ties OWNER TO binhan_owner;

-- Name: COLUMN ties.user_id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.ties.user_id IS 'operational: who looked';

-- Name: COLUMN ties.case_id; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.ties.case_id IS 'operational: at which case';

-- Name: COLUMN ties.code; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.ties.code IS 'personal: that she, or somebody of her house, stands near somebody of the case; not how';

-- Name: COLUMN ties.found_at; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.ties.found_at IS 'operational: when';

-- Name: users; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.users (
    id uuid NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    salt bytea NOT NULL,
    verifier bytea NOT NULL,
    argon text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    frozen_at timestamp with time zone,
    signed_in_at timestamp with time zone,
    devices_seen_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE auth.users OWNER TO binhan_owner;

-- Name: COLUMN users.id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.id IS 'operational: random id';

-- Name: COLUMN users.username; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.username IS 'operational: sign-in name';

-- Name: COLUMN users.name; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.name IS 'personal: name of a member of staff';

-- Name: COLUMN users.salt; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.salt IS 'secret: of the password hash';

-- Name: COLUMN users.verifier; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.verifier IS 'secret: SHA-256 of the key derived from the password';

-- Name: COLUMN users.argon; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.argon IS 'operational: parameters of the derivation';

-- Name: COLUMN users.created_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.created_at IS 'operational: when';

-- Name: COLUMN users.disabled_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.disabled_at IS 'operational: when the account was closed';

-- Name: COLUMN users.frozen_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.frozen_at IS 'operational: since when her rights rest, after a reset, until a second person confirms who she is';

-- Name: COLUMN users.signed_in_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.signed_in_at IS 'operational: last sign-in; an account that lies idle is closed by the clock';

-- Name: COLUMN users.devices_seen_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.users.devices_seen_at IS 'operational: when she last looked at the list of her devices';

-- Name: organisations; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.organisations (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    province text NOT NULL,
    commune text,
    address_hidden boolean DEFAULT false NOT NULL,
    predecessor text,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT organisation_ends_after_start CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE public.organisations OWNER TO binhan_owner;

-- Name: COLUMN organisations.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.id IS 'public: random id';

-- Name: COLUMN organisations.code; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.code IS 'public: short name for imports and settings';

-- Name: COLUMN organisations.name; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.name IS 'public: as it signs today';

-- Name: COLUMN organisations.type; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.type IS 'public: list agency_type';

-- Name: COLUMN organisations.province; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.province IS 'public: province code';

-- Name: COLUMN organisations.commune; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.commune IS 'public: commune code in today''s borders';

-- Name: COLUMN organisations.address_hidden; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.address_hidden IS 'operational: a place of refuge whose address is never shown';

-- Name: COLUMN organisations.predecessor; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.predecessor IS 'public: the office that did this work before';

-- Name: COLUMN organisations.valid_from; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.valid_from IS 'public: first day';

-- Name: COLUMN organisations.valid_to; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.organisations.valid_to IS 'public: first day on which it is no more';

-- Name: trail; Type: VIEW; Schema: audit; Owner: binhan_owner

CREATE VIEW audit.trail AS
 SELECT e.id,
    e.at,
    e.actor,
    u.username,
    e.organisation,
    o.name AS org_name,
    e.role,
    e.act,
    e.kind,
        CASE
            WHEN ((e.case_id IS NULL) OR (NOT gate.sealed(e.case_id))) THEN e.subject
            ELSE NULL::uuid
        END AS subject,
        CASE
            WHEN ((e.case_id IS NOT NULL) AND (NOT gate.sealed(e.case_id))) THEN e.case_id
            ELSE NULL::uuid
        END AS case_id,
    e.classes,
    e.decision,
    e.standing,
    e.reason,
    e.request,
    host(e.client) AS client,
    encode(substr(e.device, 1, 4), 'hex'::text) AS device,
    e.unwraps,
    e.condition
   FROM ((audit.entries e
     LEFT JOIN auth.users u ON ((u.id = e.actor)))
     LEFT JOIN public.organisations o ON ((o.id = e.organisation)));

ALTER TABLE audit.trail OWNER TO binhan_owner;

-- Name: watched; Type: TABLE; Schema: audit; Owner: binhan_owner

CREATE TABLE audit.watched (
    one boolean DEFAULT true NOT NULL,
    xact xid8 NOT NULL,
    entry bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT there_is_one_watch CHECK (one)
);

ALTER TABLE audit.watched OWNER TO binhan_owner;

-- Name: COLUMN watched.one; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.watched.one IS 'operational: there is one';

-- Name: COLUMN watched.xact; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.watched.xact IS 'operational: transaction of the last entry looked at';

-- Name: COLUMN watched.entry; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.watched.entry IS 'operational: its number';

-- Name: COLUMN watched.at; Type: COMMENT; Schema: audit; Owner: binhan_owner

COMMENT ON COLUMN audit.watched.at IS 'operational: when';

-- Name: buckets; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.buckets (
    key bytea NOT NULL,
    kind text NOT NULL,
    user_id uuid,
    taken integer NOT NULL,
    level integer DEFAULT 0 NOT NULL,
    streak integer DEFAULT 0 NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT bucket_is_of_a_known_kind CHECK ((kind = ANY (ARRAY['device'::text, 'stranger'::text, 'address'::text, 'ceremony'::text, 'everybody'::text])))
);

ALTER TABLE auth.buckets OWNER TO binhan_owner;

-- Name: COLUMN buckets.key; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.buckets.key IS 'secret: hash of who tries from where';

-- Name: COLUMN buckets.kind; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.buckets.kind IS 'operational: what is counted';

-- Name: COLUMN buckets.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.buckets.user_id IS 'operational: whose account, where there is one';

-- Name: COLUMN buckets.taken; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.buckets.taken IS 'operational: tries in this window';

-- Name: COLUMN buckets.level; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.buckets.level IS 'operational: how often the window was doubled';

-- Name: COLUMN buckets.streak; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.buckets.streak IS 'operational: tries since the last that was right';

-- Name: COLUMN buckets.until; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.buckets.until IS 'operational: end of the window';

-- Name: cards; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.cards (
    user_id uuid NOT NULL,
    wrapped bytea NOT NULL,
    sealed bytea NOT NULL,
    given_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE auth.cards OWNER TO binhan_owner;

-- Name: COLUMN cards.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.cards.user_id IS 'operational: whose';

-- Name: COLUMN cards.wrapped; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.cards.wrapped IS 'secret: wrapped data key';

-- Name: COLUMN cards.sealed; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.cards.sealed IS 'secret: sealed: what she told about herself for the watch';

-- Name: COLUMN cards.given_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.cards.given_at IS 'operational: when';

-- Name: challenges; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.challenges (
    hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    data bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE auth.challenges OWNER TO binhan_owner;

-- Name: COLUMN challenges.hash; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.challenges.hash IS 'secret: SHA-256 of the name of the ceremony';

-- Name: COLUMN challenges.purpose; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.challenges.purpose IS 'operational: what it may be used for';

-- Name: COLUMN challenges.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.challenges.user_id IS 'operational: for whom alone';

-- Name: COLUMN challenges.data; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.challenges.data IS 'secret: what was asked';

-- Name: COLUMN challenges.expires_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.challenges.expires_at IS 'operational: until';

-- Name: devices; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.devices (
    user_id uuid NOT NULL,
    hash bytea NOT NULL,
    label text DEFAULT ''::text NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE auth.devices OWNER TO binhan_owner;

-- Name: COLUMN devices.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.devices.user_id IS 'operational: whose';

-- Name: COLUMN devices.hash; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.devices.hash IS 'secret: SHA-256 of the cookie of the device';

-- Name: COLUMN devices.label; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.devices.label IS 'operational: kind of browser and system, of a short list';

-- Name: COLUMN devices.first_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.devices.first_at IS 'operational: first sign-in';

-- Name: COLUMN devices.last_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.devices.last_at IS 'operational: last sign-in';

-- Name: factors; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.factors (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    verifier bytea NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    confirmed_at timestamp with time zone,
    used_at timestamp with time zone,
    removed_at timestamp with time zone,
    wrapped bytea,
    sealed bytea,
    last_step bigint DEFAULT 0 NOT NULL,
    wrong integer DEFAULT 0 NOT NULL,
    credential bytea,
    public_key bytea,
    flags integer,
    sign_count bigint,
    aaguid bytea,
    transports text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT factor_has_what_its_kind_needs CHECK (
CASE kind
    WHEN 'totp'::text THEN (num_nonnulls(wrapped, sealed) = 2)
    ELSE (num_nonnulls(credential, public_key, flags, sign_count) = 4)
END),
    CONSTRAINT factor_is_of_a_known_kind CHECK ((kind = ANY (ARRAY['totp'::text, 'passkey'::text])))
);

ALTER TABLE auth.factors OWNER TO binhan_owner;

-- Name: COLUMN factors.id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.id IS 'operational: random id';

-- Name: COLUMN factors.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.user_id IS 'operational: whose';

-- Name: COLUMN factors.kind; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.kind IS 'operational: totp or passkey';

-- Name: COLUMN factors.name; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.name IS 'personal: how she calls it';

-- Name: COLUMN factors.verifier; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.verifier IS 'secret: SHA-256 of the mark that the key ring makes of its id';

-- Name: COLUMN factors.added_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.added_at IS 'operational: since';

-- Name: COLUMN factors.confirmed_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.confirmed_at IS 'operational: first used';

-- Name: COLUMN factors.used_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.used_at IS 'operational: last used';

-- Name: COLUMN factors.removed_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.removed_at IS 'operational: taken away';

-- Name: COLUMN factors.wrapped; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.wrapped IS 'secret: wrapped data key';

-- Name: COLUMN factors.sealed; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.sealed IS 'secret: sealed: what the app shares with us';

-- Name: COLUMN factors.last_step; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.last_step IS 'operational: the last time step that was taken; none is taken twice';

-- Name: COLUMN factors.wrong; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.wrong IS 'operational: signs that a key was copied';

-- Name: COLUMN factors.credential; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.credential IS 'secret: id of the key''s credential';

-- Name: COLUMN factors.public_key; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.public_key IS 'secret: the key''s public half, which opens nothing';

-- Name: COLUMN factors.flags; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.flags IS 'operational: the flag byte as it was sent';

-- Name: COLUMN factors.sign_count; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.sign_count IS 'operational: the key''s own counter';

-- Name: COLUMN factors.aaguid; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.aaguid IS 'secret: the model of the key';

-- Name: COLUMN factors.transports; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.factors.transports IS 'operational: how a browser reaches it';

-- Name: identities; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.identities (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    issuer text NOT NULL,
    subject bytea NOT NULL,
    verifier bytea NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    removed_at timestamp with time zone,
    CONSTRAINT subject_is_a_hash CHECK (((length(subject) = 32) AND (length(verifier) = 32)))
);

ALTER TABLE auth.identities OWNER TO binhan_owner;

-- Name: COLUMN identities.id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.id IS 'operational: random id';

-- Name: COLUMN identities.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.user_id IS 'operational: whose';

-- Name: COLUMN identities.issuer; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.issuer IS 'operational: address of the provider';

-- Name: COLUMN identities.subject; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.subject IS 'secret: SHA-256 of the provider and of what it calls her';

-- Name: COLUMN identities.verifier; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.verifier IS 'secret: SHA-256 of the mark that the key ring makes of the id';

-- Name: COLUMN identities.added_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.added_at IS 'operational: since';

-- Name: COLUMN identities.used_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.used_at IS 'operational: last used';

-- Name: COLUMN identities.removed_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.identities.removed_at IS 'operational: taken away';

-- Name: logout_orders; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.logout_orders (
    hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE auth.logout_orders OWNER TO binhan_owner;

-- Name: COLUMN logout_orders.hash; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.logout_orders.hash IS 'secret: SHA-256 of the order''s own id';

-- Name: COLUMN logout_orders.expires_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.logout_orders.expires_at IS 'operational: until when it is remembered';

-- Name: memberships; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.memberships (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    role text NOT NULL,
    supervisor uuid,
    valid_from timestamp with time zone DEFAULT now() NOT NULL,
    valid_to timestamp with time zone,
    CONSTRAINT membership_ends_after_start CHECK (((valid_to IS NULL) OR (valid_to > valid_from))),
    CONSTRAINT nobody_supervises_herself CHECK ((supervisor <> user_id))
);

ALTER TABLE auth.memberships OWNER TO binhan_owner;

-- Name: COLUMN memberships.id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.memberships.id IS 'operational: random id';

-- Name: COLUMN memberships.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.memberships.user_id IS 'operational: who';

-- Name: COLUMN memberships.organisation_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.memberships.organisation_id IS 'operational: where';

-- Name: COLUMN memberships.role; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.memberships.role IS 'operational: list role';

-- Name: COLUMN memberships.supervisor; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.memberships.supervisor IS 'operational: who supervises her';

-- Name: COLUMN memberships.valid_from; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.memberships.valid_from IS 'operational: since';

-- Name: COLUMN memberships.valid_to; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.memberships.valid_to IS 'operational: until';

-- Name: proposals; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.proposals (
    id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid,
    username text,
    name text,
    organisation_id uuid NOT NULL,
    role text,
    supervisor uuid,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone DEFAULT now() NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    granted boolean,
    CONSTRAINT nobody_grants_to_herself CHECK (((decided_by <> user_id) OR (NOT granted) OR (kind = 'create'::text))),
    CONSTRAINT nobody_grants_what_she_proposed CHECK (((decided_by <> proposed_by) OR (NOT granted))),
    CONSTRAINT proposal_is_of_a_known_kind CHECK ((kind = ANY (ARRAY['create'::text, 'close'::text, 'role'::text]))),
    CONSTRAINT proposal_names_what_its_kind_needs CHECK (
CASE kind
    WHEN 'create'::text THEN (num_nonnulls(username, name, role) = 3)
    WHEN 'role'::text THEN (num_nonnulls(user_id, role) = 2)
    ELSE (user_id IS NOT NULL)
END)
);

ALTER TABLE auth.proposals OWNER TO binhan_owner;

-- Name: COLUMN proposals.id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.id IS 'operational: random id';

-- Name: COLUMN proposals.kind; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.kind IS 'operational: create, close or role';

-- Name: COLUMN proposals.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.user_id IS 'operational: about whom; for a new account whom it became';

-- Name: COLUMN proposals.username; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.username IS 'operational: sign-in name of a new account';

-- Name: COLUMN proposals.name; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.name IS 'personal: name of a member of staff';

-- Name: COLUMN proposals.organisation_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.organisation_id IS 'operational: in which organisation';

-- Name: COLUMN proposals.role; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.role IS 'operational: list role';

-- Name: COLUMN proposals.supervisor; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.supervisor IS 'operational: who will supervise her';

-- Name: COLUMN proposals.proposed_by; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.proposed_by IS 'operational: by whom';

-- Name: COLUMN proposals.proposed_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.proposed_at IS 'operational: when';

-- Name: COLUMN proposals.decided_by; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.decided_by IS 'operational: by whom it was decided';

-- Name: COLUMN proposals.decided_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.decided_at IS 'operational: when';

-- Name: COLUMN proposals.granted; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.proposals.granted IS 'operational: how';

-- Name: recovery_codes; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.recovery_codes (
    user_id uuid NOT NULL,
    hash bytea NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE auth.recovery_codes OWNER TO binhan_owner;

-- Name: COLUMN recovery_codes.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.recovery_codes.user_id IS 'operational: whose';

-- Name: COLUMN recovery_codes.hash; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.recovery_codes.hash IS 'secret: SHA-256 of the code';

-- Name: COLUMN recovery_codes.made_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.recovery_codes.made_at IS 'operational: since';

-- Name: COLUMN recovery_codes.used_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.recovery_codes.used_at IS 'operational: used up';

-- Name: sessions; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.sessions (
    handle_hash bytea NOT NULL,
    membership_id uuid NOT NULL,
    user_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    locked_at timestamp with time zone,
    wrong_unlocks integer DEFAULT 0 NOT NULL,
    ended_at timestamp with time zone,
    proved_at timestamp with time zone DEFAULT now() NOT NULL,
    strength text DEFAULT 'password'::text NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    device bytea,
    label text DEFAULT ''::text NOT NULL,
    identity uuid,
    provider_session bytea,
    CONSTRAINT session_kind_is_known CHECK ((kind = ANY (ARRAY['cookie'::text, 'token'::text, 'command'::text])))
);

ALTER TABLE auth.sessions OWNER TO binhan_owner;

-- Name: COLUMN sessions.handle_hash; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.handle_hash IS 'secret: SHA-256 of the handle';

-- Name: COLUMN sessions.membership_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.membership_id IS 'operational: in which membership';

-- Name: COLUMN sessions.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.user_id IS 'operational: whose';

-- Name: COLUMN sessions.organisation_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.organisation_id IS 'operational: of which organisation';

-- Name: COLUMN sessions.kind; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.kind IS 'operational: cookie, token or command';

-- Name: COLUMN sessions.created_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.created_at IS 'operational: opened';

-- Name: COLUMN sessions.seen_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.seen_at IS 'operational: last used, to the minute';

-- Name: COLUMN sessions.expires_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.expires_at IS 'operational: ends at the latest';

-- Name: COLUMN sessions.locked_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.locked_at IS 'operational: screen locked since';

-- Name: COLUMN sessions.wrong_unlocks; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.wrong_unlocks IS 'operational: wrong passwords at the lock; five end the session';

-- Name: COLUMN sessions.ended_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.ended_at IS 'operational: ended';

-- Name: COLUMN sessions.proved_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.proved_at IS 'operational: when the person last proved who she is';

-- Name: COLUMN sessions.strength; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.strength IS 'operational: how she proved it: password, totp, passkey, oidc, recovery, command; enrolling may only add a factor';

-- Name: COLUMN sessions.id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.id IS 'operational: random id, to end one of several';

-- Name: COLUMN sessions.device; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.device IS 'secret: SHA-256 of the cookie of the device';

-- Name: COLUMN sessions.label; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.label IS 'operational: kind of browser and system, of a short list';

-- Name: COLUMN sessions.identity; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.identity IS 'operational: the link to a provider that opened or proved it';

-- Name: COLUMN sessions.provider_session; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.sessions.provider_session IS 'secret: SHA-256 of what the provider calls its own session';

-- Name: setup_codes; Type: TABLE; Schema: auth; Owner: binhan_owner

CREATE TABLE auth.setup_codes (
    user_id uuid NOT NULL,
    hash bytea NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE auth.setup_codes OWNER TO binhan_owner;

-- Name: COLUMN setup_codes.user_id; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.setup_codes.user_id IS 'operational: whose';

-- Name: COLUMN setup_codes.hash; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.setup_codes.hash IS 'secret: SHA-256 of the code';

-- Name: COLUMN setup_codes.made_by; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.setup_codes.made_by IS 'operational: by whom';

-- Name: COLUMN setup_codes.made_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.setup_codes.made_at IS 'operational: when';

-- Name: COLUMN setup_codes.expires_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.setup_codes.expires_at IS 'operational: until when';

-- Name: COLUMN setup_codes.used_at; Type: COMMENT; Schema: auth; Owner: binhan_owner

COMMENT ON COLUMN auth.setup_codes.used_at IS 'operational: used up';

-- Name: drafts; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.drafts (
    year integer NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_by uuid
);

ALTER TABLE campaign.drafts OWNER TO binhan_owner;

-- Name: COLUMN drafts.year; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.drafts.year IS 'public: the year';

-- Name: COLUMN drafts.version; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.drafts.version IS 'operational: counts changes';

-- Name: COLUMN drafts.body; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.drafts.body IS 'operational: texts of the report in work, and which release it reads';

-- Name: COLUMN drafts.updated_at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.drafts.updated_at IS 'operational: last written';

-- Name: COLUMN drafts.updated_by; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.drafts.updated_by IS 'operational: by whom';

-- Name: editions; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.editions (
    year integer NOT NULL,
    version integer NOT NULL,
    province text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    units_due_on date NOT NULL,
    department_due_on date NOT NULL,
    body jsonb NOT NULL,
    by_user uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT campaign_begins_in_its_year CHECK ((EXTRACT(year FROM starts_on) = (year)::numeric)),
    CONSTRAINT campaign_ends_after_it_begins CHECK ((ends_on > starts_on)),
    CONSTRAINT campaign_has_a_likely_year CHECK (((year >= 2016) AND (year <= 2100))),
    CONSTRAINT department_reports_after_its_units CHECK ((department_due_on > units_due_on)),
    CONSTRAINT edition_counts_from_one CHECK ((version >= 1)),
    CONSTRAINT units_report_after_it_begins CHECK ((units_due_on > starts_on))
);

ALTER TABLE campaign.editions OWNER TO binhan_owner;

-- Name: COLUMN editions.year; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.year IS 'public: the year';

-- Name: COLUMN editions.version; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.version IS 'operational: counts the changes of its settings';

-- Name: COLUMN editions.province; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.province IS 'public: list admin_province';

-- Name: COLUMN editions.starts_on; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.starts_on IS 'public: first day';

-- Name: COLUMN editions.ends_on; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.ends_on IS 'public: last day';

-- Name: COLUMN editions.units_due_on; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.units_due_on IS 'public: units report before this day';

-- Name: COLUMN editions.department_due_on; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.department_due_on IS 'public: the department reports before this day';

-- Name: COLUMN editions.body; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.body IS 'operational: theme, messages, guidance, offices, signer, recipients, outline, indicators';

-- Name: COLUMN editions.by_user; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.by_user IS 'operational: who wrote it';

-- Name: COLUMN editions.at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.editions.at IS 'operational: when';

-- Name: moves; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.moves (
    id uuid NOT NULL,
    unit_id uuid NOT NULL,
    move text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    by_user uuid NOT NULL,
    reason text,
    submission_id uuid,
    CONSTRAINT move_reason_is_short CHECK ((length(reason) <= 2000)),
    CONSTRAINT return_has_a_reason CHECK (((move = 'return'::text) = (reason IS NOT NULL)))
);

ALTER TABLE campaign.moves OWNER TO binhan_owner;

-- Name: COLUMN moves.id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.id IS 'operational: random id';

-- Name: COLUMN moves.unit_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.unit_id IS 'operational: the unit';

-- Name: COLUMN moves.move; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.move IS 'operational: which step';

-- Name: COLUMN moves.from_state; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.from_state IS 'operational: from';

-- Name: COLUMN moves.to_state; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.to_state IS 'operational: to';

-- Name: COLUMN moves.at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.at IS 'operational: when';

-- Name: COLUMN moves.by_user; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.by_user IS 'operational: who';

-- Name: COLUMN moves.reason; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.reason IS 'operational: why it was returned; about figures, never about a person';

-- Name: COLUMN moves.submission_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.moves.submission_id IS 'operational: what was handed in or returned';

-- Name: reminders; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.reminders (
    id uuid NOT NULL,
    unit_id uuid NOT NULL,
    on_day date NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    by_user uuid NOT NULL,
    told integer NOT NULL
);

ALTER TABLE campaign.reminders OWNER TO binhan_owner;

-- Name: COLUMN reminders.id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reminders.id IS 'operational: random id';

-- Name: COLUMN reminders.unit_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reminders.unit_id IS 'operational: the unit';

-- Name: COLUMN reminders.on_day; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reminders.on_day IS 'operational: on which day';

-- Name: COLUMN reminders.at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reminders.at IS 'operational: when';

-- Name: COLUMN reminders.by_user; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reminders.by_user IS 'operational: who';

-- Name: COLUMN reminders.told; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reminders.told IS 'operational: how many reporters were told';

-- Name: reports; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.reports (
    unit_id uuid NOT NULL,
    state text DEFAULT 'EMPTY'::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_by uuid,
    CONSTRAINT report_state_is_known CHECK ((state = ANY (ARRAY['EMPTY'::text, 'DRAFT'::text, 'SUBMITTED'::text, 'RETURNED'::text, 'SUPPLEMENTING'::text, 'SUPPLEMENTED'::text])))
);

ALTER TABLE campaign.reports OWNER TO binhan_owner;

-- Name: COLUMN reports.unit_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reports.unit_id IS 'operational: the unit';

-- Name: COLUMN reports.state; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reports.state IS 'operational: where the report stands';

-- Name: COLUMN reports.version; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reports.version IS 'operational: counts changes';

-- Name: COLUMN reports.body; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reports.body IS 'operational: draft: section texts, counts of activities, money; nothing of any case';

-- Name: COLUMN reports.updated_at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reports.updated_at IS 'operational: last written';

-- Name: COLUMN reports.updated_by; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.reports.updated_by IS 'operational: by whom';

-- Name: submissions; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.submissions (
    id uuid NOT NULL,
    unit_id uuid NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    body text NOT NULL,
    sha256 text NOT NULL,
    late boolean NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    by_user uuid NOT NULL,
    CONSTRAINT submission_can_be CHECK (campaign.sound((body)::jsonb)),
    CONSTRAINT submission_hash_is_of_its_text CHECK ((sha256 = encode(sha256(convert_to(body, 'UTF8'::name)), 'hex'::text))),
    CONSTRAINT submission_kind_is_known CHECK ((kind = ANY (ARRAY['MAIN'::text, 'SUPPLEMENT'::text])))
);

ALTER TABLE campaign.submissions OWNER TO binhan_owner;

-- Name: COLUMN submissions.id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.id IS 'operational: random id';

-- Name: COLUMN submissions.unit_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.unit_id IS 'operational: the unit';

-- Name: COLUMN submissions.number; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.number IS 'operational: counts what the unit handed in';

-- Name: COLUMN submissions.kind; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.kind IS 'operational: MAIN or SUPPLEMENT';

-- Name: COLUMN submissions.body; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.body IS 'operational: what was handed in, as JSON';

-- Name: COLUMN submissions.sha256; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.sha256 IS 'operational: hash of body';

-- Name: COLUMN submissions.late; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.late IS 'operational: on or after the day by which units report';

-- Name: COLUMN submissions.at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.at IS 'operational: when';

-- Name: COLUMN submissions.by_user; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.submissions.by_user IS 'operational: who';

-- Name: units; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.units (
    id uuid NOT NULL,
    year integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    level text NOT NULL,
    area text,
    organisation_id uuid,
    "position" integer NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    CONSTRAINT unit_code_is_short CHECK ((code ~ '^[a-z0-9-]{1,40}$'::text)),
    CONSTRAINT unit_has_a_name CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT unit_level_is_known CHECK ((level = ANY (ARRAY['PROVINCE'::text, 'DISTRICT'::text, 'COMMUNE'::text])))
);

ALTER TABLE campaign.units OWNER TO binhan_owner;

-- Name: COLUMN units.id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.id IS 'operational: random id';

-- Name: COLUMN units.year; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.year IS 'public: the year';

-- Name: COLUMN units.code; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.code IS 'operational: short name in addresses';

-- Name: COLUMN units.name; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.name IS 'public: name of the office';

-- Name: COLUMN units.kind; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.kind IS 'operational: list agency_type';

-- Name: COLUMN units.level; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.level IS 'operational: list campaign_level';

-- Name: COLUMN units.area; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.area IS 'public: district or commune, of the lists of its time';

-- Name: COLUMN units.organisation_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.organisation_id IS 'operational: whose reporter writes; empty: the department does, from paper';

-- Name: COLUMN units."position"; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units."position" IS 'operational: order in lists';

-- Name: COLUMN units.added_at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.added_at IS 'operational: when it was added';

-- Name: COLUMN units.removed_at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.units.removed_at IS 'operational: when it was taken off the list';

-- Name: version_figures; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.version_figures (
    version_id uuid NOT NULL,
    key text NOT NULL,
    release_id uuid NOT NULL,
    table_id text NOT NULL,
    dims text NOT NULL,
    count bigint,
    lower bigint NOT NULL,
    upper bigint NOT NULL
);

ALTER TABLE campaign.version_figures OWNER TO binhan_owner;

-- Name: COLUMN version_figures.version_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.version_id IS 'operational: the version';

-- Name: COLUMN version_figures.key; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.key IS 'operational: its name in the text';

-- Name: COLUMN version_figures.release_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.release_id IS 'public: the published release';

-- Name: COLUMN version_figures.table_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.table_id IS 'public: its table';

-- Name: COLUMN version_figures.dims; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.dims IS 'public: the cell';

-- Name: COLUMN version_figures.count; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.count IS 'public: the number, empty when withheld';

-- Name: COLUMN version_figures.lower; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.lower IS 'public: lower end of the interval';

-- Name: COLUMN version_figures.upper; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_figures.upper IS 'public: upper end';

-- Name: version_units; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.version_units (
    version_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    submission_id uuid
);

ALTER TABLE campaign.version_units OWNER TO binhan_owner;

-- Name: COLUMN version_units.version_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_units.version_id IS 'operational: the version';

-- Name: COLUMN version_units.unit_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_units.unit_id IS 'operational: the unit';

-- Name: COLUMN version_units.submission_id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.version_units.submission_id IS 'operational: what of it is counted; empty: it had not reported';

-- Name: versions; Type: TABLE; Schema: campaign; Owner: binhan_owner

CREATE TABLE campaign.versions (
    id uuid NOT NULL,
    year integer NOT NULL,
    number integer NOT NULL,
    state text DEFAULT 'PREPARED'::text NOT NULL,
    body text NOT NULL,
    sha256 text NOT NULL,
    cut_off timestamp with time zone NOT NULL,
    prepared_by uuid NOT NULL,
    prepared_at timestamp with time zone DEFAULT now() NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    reason text,
    published_by uuid,
    published_at timestamp with time zone,
    CONSTRAINT publisher_is_not_the_preparer CHECK ((published_by <> prepared_by)),
    CONSTRAINT reader_is_not_the_preparer CHECK ((decided_by <> prepared_by)),
    CONSTRAINT version_hash_is_of_its_text CHECK ((sha256 = encode(sha256(convert_to(body, 'UTF8'::name)), 'hex'::text))),
    CONSTRAINT version_is_decided_by_somebody CHECK ((((state = 'PREPARED'::text) = (decided_by IS NULL)) AND ((decided_by IS NULL) = (decided_at IS NULL)))),
    CONSTRAINT version_is_published_by_somebody CHECK (((state = ANY (ARRAY['PUBLISHED'::text, 'SUPERSEDED'::text])) = ((published_by IS NOT NULL) AND (published_at IS NOT NULL)))),
    CONSTRAINT version_is_rejected_for_a_reason CHECK (((state = 'REJECTED'::text) = (reason IS NOT NULL))),
    CONSTRAINT version_state_is_known CHECK ((state = ANY (ARRAY['PREPARED'::text, 'REJECTED'::text, 'APPROVED'::text, 'PUBLISHED'::text, 'SUPERSEDED'::text])))
);

ALTER TABLE campaign.versions OWNER TO binhan_owner;

-- Name: COLUMN versions.id; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.id IS 'operational: random id';

-- Name: COLUMN versions.year; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.year IS 'public: the year';

-- Name: COLUMN versions.number; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.number IS 'operational: counts versions';

-- Name: COLUMN versions.state; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.state IS 'operational: where it stands';

-- Name: COLUMN versions.body; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.body IS 'operational: the frozen report and its consolidation, as JSON';

-- Name: COLUMN versions.sha256; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.sha256 IS 'operational: hash of body';

-- Name: COLUMN versions.cut_off; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.cut_off IS 'operational: what came later is not in it';

-- Name: COLUMN versions.prepared_by; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.prepared_by IS 'operational: who prepared it';

-- Name: COLUMN versions.prepared_at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.prepared_at IS 'operational: when';

-- Name: COLUMN versions.decided_by; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.decided_by IS 'operational: the second reader';

-- Name: COLUMN versions.decided_at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.decided_at IS 'operational: when';

-- Name: COLUMN versions.reason; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.reason IS 'operational: why it was sent back';

-- Name: COLUMN versions.published_by; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.published_by IS 'operational: who published it';

-- Name: COLUMN versions.published_at; Type: COMMENT; Schema: campaign; Owner: binhan_owner

COMMENT ON COLUMN campaign.versions.published_at IS 'operational: when';

-- Name: files; Type: TABLE; Schema: keys; Owner: binhan_owner

CREATE TABLE keys.files (
    evidence_id uuid NOT NULL,
    version bigint NOT NULL
);

ALTER TABLE keys.files OWNER TO binhan_owner;

-- Name: COLUMN files.evidence_id; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.files.evidence_id IS 'operational: the file';

-- Name: COLUMN files.version; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.files.version IS 'operational: version of the key-encryption key under which its key is wrapped, or a later one';

-- Name: places; Type: TABLE; Schema: keys; Owner: binhan_owner

CREATE TABLE keys.places (
    place text NOT NULL,
    tab regclass NOT NULL,
    id_column name NOT NULL,
    owner_column name NOT NULL,
    case_column name,
    key_column name NOT NULL,
    compartment text NOT NULL,
    ordinal smallint NOT NULL
);

ALTER TABLE keys.places OWNER TO binhan_owner;

-- Name: COLUMN places.place; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.place IS 'operational: name of the place';

-- Name: COLUMN places.tab; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.tab IS 'operational: its table';

-- Name: COLUMN places.id_column; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.id_column IS 'operational: the column that names the row';

-- Name: COLUMN places.owner_column; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.owner_column IS 'operational: the column that names whose key it is';

-- Name: COLUMN places.case_column; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.case_column IS 'operational: the column of the case for which a change is recorded';

-- Name: COLUMN places.key_column; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.key_column IS 'operational: the column of the key';

-- Name: COLUMN places.compartment; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.compartment IS 'operational: compartment of the key';

-- Name: COLUMN places.ordinal; Type: COMMENT; Schema: keys; Owner: binhan_owner

COMMENT ON COLUMN keys.places.ordinal IS 'operational: order';

-- Name: break_glass; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.break_glass (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    user_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    code text NOT NULL,
    reason bytea,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    until timestamp with time zone NOT NULL,
    safety_asked_at timestamp with time zone,
    safety_by uuid,
    safety_at timestamp with time zone,
    review_due timestamp with time zone NOT NULL,
    reviewed_by uuid,
    reviewed_at timestamp with time zone,
    verdict text,
    review bytea,
    CONSTRAINT emergency_ends_after_it_begins CHECK ((until > opened_at)),
    CONSTRAINT nobody_confirms_herself CHECK (((safety_by IS NULL) OR (safety_by <> user_id))),
    CONSTRAINT nobody_reviews_herself CHECK (((reviewed_by IS NULL) OR (reviewed_by <> user_id))),
    CONSTRAINT review_is_whole CHECK ((num_nonnulls(reviewed_by, reviewed_at, verdict) = ANY (ARRAY[0, 3])))
);

ALTER TABLE ONLY public.break_glass FORCE ROW LEVEL SECURITY;

ALTER TABLE public.break_glass OWNER TO binhan_owner;

-- Name: COLUMN break_glass.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.id IS 'operational: random id';

-- Name: COLUMN break_glass.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.case_id IS 'operational: the case';

-- Name: COLUMN break_glass.user_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.user_id IS 'operational: who opened it';

-- Name: COLUMN break_glass.organisation_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.organisation_id IS 'operational: for which organisation';

-- Name: COLUMN break_glass.code; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.code IS 'operational: list breakglass_reason';

-- Name: COLUMN break_glass.reason; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.reason IS 'secret: sealed, compartment narrative: why, in words';

-- Name: COLUMN break_glass.opened_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.opened_at IS 'operational: since';

-- Name: COLUMN break_glass.until; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.until IS 'operational: until';

-- Name: COLUMN break_glass.safety_asked_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.safety_asked_at IS 'operational: when she asked for the safety class too';

-- Name: COLUMN break_glass.safety_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.safety_by IS 'operational: the second person who opened the safety class';

-- Name: COLUMN break_glass.safety_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.safety_at IS 'operational: when she did';

-- Name: COLUMN break_glass.review_due; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.review_due IS 'operational: until when it must be reviewed; after that she opens nothing more';

-- Name: COLUMN break_glass.reviewed_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.reviewed_by IS 'operational: who reviewed it';

-- Name: COLUMN break_glass.reviewed_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.reviewed_at IS 'operational: when';

-- Name: COLUMN break_glass.verdict; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.verdict IS 'operational: list breakglass_verdict';

-- Name: COLUMN break_glass.review; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.break_glass.review IS 'secret: sealed, compartment narrative: what the reviewer wrote';

-- Name: budget_spent; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.budget_spent (
    user_id uuid NOT NULL,
    budget text NOT NULL,
    minute timestamp with time zone NOT NULL,
    n integer NOT NULL
);

ALTER TABLE ONLY public.budget_spent FORCE ROW LEVEL SECURITY;

ALTER TABLE public.budget_spent OWNER TO binhan_owner;

-- Name: COLUMN budget_spent.user_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.budget_spent.user_id IS 'operational: who';

-- Name: COLUMN budget_spent.budget; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.budget_spent.budget IS 'operational: what is counted';

-- Name: COLUMN budget_spent.minute; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.budget_spent.minute IS 'operational: in which minute';

-- Name: COLUMN budget_spent.n; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.budget_spent.n IS 'operational: how often';

-- Name: case_closures; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_closures (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    move text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    by_user uuid NOT NULL,
    note bytea,
    CONSTRAINT closure_move_is_known CHECK ((move = ANY (ARRAY['closure'::text, 'reopening'::text])))
);

ALTER TABLE ONLY public.case_closures FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_closures OWNER TO binhan_owner;

-- Name: COLUMN case_closures.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_closures.id IS 'operational: random id';

-- Name: COLUMN case_closures.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_closures.case_id IS 'operational: the case';

-- Name: COLUMN case_closures.move; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_closures.move IS 'operational: closure or reopening';

-- Name: COLUMN case_closures.reason; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_closures.reason IS 'operational: list closure_reason, or the code of reopening';

-- Name: COLUMN case_closures.at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_closures.at IS 'operational: when';

-- Name: COLUMN case_closures.by_user; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_closures.by_user IS 'operational: who';

-- Name: COLUMN case_closures.note; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_closures.note IS 'secret: sealed, compartment narrative: in words';

-- Name: case_history; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_history (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    version integer NOT NULL,
    at timestamp with time zone NOT NULL,
    by_user uuid NOT NULL,
    fields text[] NOT NULL,
    identity bytea,
    safety bytea,
    narrative bytea,
    CONSTRAINT correction_names_its_fields CHECK ((cardinality(fields) > 0))
);

ALTER TABLE ONLY public.case_history FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_history OWNER TO binhan_owner;

-- Name: COLUMN case_history.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.id IS 'operational: random id';

-- Name: COLUMN case_history.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.case_id IS 'operational: the case';

-- Name: COLUMN case_history.version; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.version IS 'operational: the version that this stood in';

-- Name: COLUMN case_history.at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.at IS 'operational: corrected at';

-- Name: COLUMN case_history.by_user; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.by_user IS 'operational: by whom';

-- Name: COLUMN case_history.fields; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.fields IS 'operational: names of the corrected fields';

-- Name: COLUMN case_history.identity; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.identity IS 'secret: sealed, compartment identity: what stood there';

-- Name: COLUMN case_history.safety; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.safety IS 'secret: sealed, compartment safety: what stood there';

-- Name: COLUMN case_history.narrative; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_history.narrative IS 'secret: sealed, compartment narrative: what stood there';

-- Name: case_keys; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_keys (
    case_id uuid NOT NULL,
    identity bytea,
    safety bytea,
    narrative bytea,
    evidence bytea
);

ALTER TABLE ONLY public.case_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_keys OWNER TO binhan_owner;

-- Name: COLUMN case_keys.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_keys.case_id IS 'operational: the case';

-- Name: COLUMN case_keys.identity; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_keys.identity IS 'secret: wrapped data key';

-- Name: COLUMN case_keys.safety; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_keys.safety IS 'secret: wrapped data key';

-- Name: COLUMN case_keys.narrative; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_keys.narrative IS 'secret: wrapped data key';

-- Name: COLUMN case_keys.evidence; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_keys.evidence IS 'secret: wrapped data key';

-- Name: case_openings; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_openings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    case_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    why text
);

ALTER TABLE ONLY public.case_openings FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_openings OWNER TO binhan_owner;

-- Name: COLUMN case_openings.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_openings.id IS 'operational: random id';

-- Name: COLUMN case_openings.user_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_openings.user_id IS 'operational: who';

-- Name: COLUMN case_openings.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_openings.case_id IS 'operational: opened which case';

-- Name: COLUMN case_openings.at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_openings.at IS 'operational: when it counted as an opening';

-- Name: COLUMN case_openings.why; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_openings.why IS 'operational: list opening_reason, given at her first opening; empty for her who recorded it';

-- Name: case_seal_names; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_seal_names (
    seal_id uuid NOT NULL,
    user_id uuid NOT NULL
);

ALTER TABLE public.case_seal_names OWNER TO binhan_owner;

-- Name: COLUMN case_seal_names.seal_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seal_names.seal_id IS 'operational: the seal';

-- Name: COLUMN case_seal_names.user_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seal_names.user_id IS 'operational: who still sees the case';

-- Name: case_seals; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_seals (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    why text NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    second uuid NOT NULL,
    agreed_at timestamp with time zone,
    lift_asked_by uuid,
    lift_asked_at timestamp with time zone,
    lifted_at timestamp with time zone,
    CONSTRAINT lifting_needs_two CHECK (((lift_asked_by IS NULL) OR (lift_asked_by <> second))),
    CONSTRAINT seal_needs_two CHECK ((second <> asked_by))
);

ALTER TABLE ONLY public.case_seals FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_seals OWNER TO binhan_owner;

-- Name: COLUMN case_seals.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.id IS 'operational: random id';

-- Name: COLUMN case_seals.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.case_id IS 'operational: the case';

-- Name: COLUMN case_seals.why; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.why IS 'operational: list seal_reason';

-- Name: COLUMN case_seals.asked_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.asked_by IS 'operational: who asked for it';

-- Name: COLUMN case_seals.asked_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.asked_at IS 'operational: when';

-- Name: COLUMN case_seals.second; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.second IS 'operational: the second person, without whom it neither begins nor ends';

-- Name: COLUMN case_seals.agreed_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.agreed_at IS 'operational: since when it holds';

-- Name: COLUMN case_seals.lift_asked_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.lift_asked_by IS 'operational: who asked to end it';

-- Name: COLUMN case_seals.lift_asked_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.lift_asked_at IS 'operational: when';

-- Name: COLUMN case_seals.lifted_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_seals.lifted_at IS 'operational: until when it held';

-- Name: case_standings; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_standings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    referral_id uuid,
    standing text NOT NULL,
    holder uuid NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    until timestamp with time zone,
    why text NOT NULL,
    granted_by uuid NOT NULL,
    CONSTRAINT standing_is_known CHECK ((standing = ANY (ARRAY['assigned'::text, 'supervisor'::text, 'own_organisation'::text, 'addressee'::text, 'referred'::text, 'break_glass'::text, 'break_glass_safety'::text]))),
    CONSTRAINT standing_of_a_referral_names_it CHECK (((standing = ANY (ARRAY['addressee'::text, 'referred'::text])) = (referral_id IS NOT NULL)))
);

ALTER TABLE ONLY public.case_standings FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_standings OWNER TO binhan_owner;

-- Name: COLUMN case_standings.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.id IS 'operational: random id';

-- Name: COLUMN case_standings.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.case_id IS 'operational: the case';

-- Name: COLUMN case_standings.referral_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.referral_id IS 'operational: limited to this referral';

-- Name: COLUMN case_standings.standing; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.standing IS 'operational: which';

-- Name: COLUMN case_standings.holder; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.holder IS 'operational: user or organisation';

-- Name: COLUMN case_standings.since; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.since IS 'operational: since';

-- Name: COLUMN case_standings.until; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.until IS 'operational: until';

-- Name: COLUMN case_standings.why; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.why IS 'operational: coded reason';

-- Name: COLUMN case_standings.granted_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_standings.granted_by IS 'operational: by whose act';

-- Name: case_tokens; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_tokens (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    who text NOT NULL,
    kind text NOT NULL,
    token bytea NOT NULL,
    sealed bytea,
    CONSTRAINT perpetrator_is_verified_by_name CHECK (((who = 'perpetrator'::text) = (sealed IS NOT NULL))),
    CONSTRAINT token_has_its_length CHECK ((length(token) =
CASE kind
    WHEN 'name'::text THEN 2
    WHEN 'phone'::text THEN 8
    WHEN 'id'::text THEN 8
    ELSE NULL::integer
END)),
    CONSTRAINT token_is_of_somebody CHECK ((who = ANY (ARRAY['survivor'::text, 'perpetrator'::text])))
);

ALTER TABLE ONLY public.case_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_tokens OWNER TO binhan_owner;

-- Name: COLUMN case_tokens.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_tokens.id IS 'operational: random id';

-- Name: COLUMN case_tokens.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_tokens.case_id IS 'operational: the case';

-- Name: COLUMN case_tokens.who; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_tokens.who IS 'operational: survivor or perpetrator';

-- Name: COLUMN case_tokens.kind; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_tokens.kind IS 'operational: id, phone or name';

-- Name: COLUMN case_tokens.token; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_tokens.token IS 'secret: blind token of the key ring, 64 bits for a number, 16 for a name';

-- Name: COLUMN case_tokens.sealed; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_tokens.sealed IS 'secret: sealed, compartment identity: the name that verifies a token of a perpetrator';

-- Name: case_walls; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.case_walls (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    user_id uuid NOT NULL,
    why text NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    lifted_at timestamp with time zone
);

ALTER TABLE ONLY public.case_walls FORCE ROW LEVEL SECURITY;

ALTER TABLE public.case_walls OWNER TO binhan_owner;

-- Name: COLUMN case_walls.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_walls.id IS 'operational: random id';

-- Name: COLUMN case_walls.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_walls.case_id IS 'operational: the case';

-- Name: COLUMN case_walls.user_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_walls.user_id IS 'operational: who never sees it';

-- Name: COLUMN case_walls.why; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_walls.why IS 'operational: list wall_reason';

-- Name: COLUMN case_walls.set_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_walls.set_by IS 'operational: by whom';

-- Name: COLUMN case_walls.set_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_walls.set_at IS 'operational: since when';

-- Name: COLUMN case_walls.lifted_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.case_walls.lifted_at IS 'operational: until when';

-- Name: cases; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.cases (
    id uuid NOT NULL,
    code text NOT NULL,
    scope text NOT NULL,
    province text NOT NULL,
    status text NOT NULL,
    risk text,
    commune text,
    area text,
    owner uuid NOT NULL,
    organisation_id uuid NOT NULL,
    received_on date NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    narrative bytea NOT NULL,
    CONSTRAINT case_version_counts_up CHECK ((version >= 1))
)
WITH (fillfactor='90');

ALTER TABLE ONLY public.cases FORCE ROW LEVEL SECURITY;

ALTER TABLE public.cases OWNER TO binhan_owner;

-- Name: COLUMN cases.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.id IS 'operational: random id';

-- Name: COLUMN cases.code; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.code IS 'operational: spoken code, says nothing about anybody';

-- Name: COLUMN cases.scope; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.scope IS 'operational: province or imported register that counts it';

-- Name: COLUMN cases.province; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.province IS 'operational: province code';

-- Name: COLUMN cases.status; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.status IS 'operational: list case_status';

-- Name: COLUMN cases.risk; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.risk IS 'operational: list risk_level';

-- Name: COLUMN cases.commune; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.commune IS 'operational: commune code, in the borders of its date';

-- Name: COLUMN cases.area; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.area IS 'operational: statistical area of an imported register, where the commune is not known';

-- Name: COLUMN cases.owner; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.owner IS 'operational: who holds it';

-- Name: COLUMN cases.organisation_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.organisation_id IS 'operational: whose work it is';

-- Name: COLUMN cases.received_on; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.received_on IS 'operational: day of the first contact';

-- Name: COLUMN cases.opened_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.opened_at IS 'operational: recorded at';

-- Name: COLUMN cases.updated_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.updated_at IS 'operational: last change';

-- Name: COLUMN cases.version; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.version IS 'operational: for If-Match';

-- Name: COLUMN cases.narrative; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.cases.narrative IS 'secret: sealed, compartment narrative: intake, story, needs';

-- Name: consents; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.consents (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient_org uuid,
    recipient_type text,
    fields text[] DEFAULT '{}'::text[] NOT NULL,
    decision text NOT NULL,
    by_whom text NOT NULL,
    method text NOT NULL,
    given_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    narrative bytea NOT NULL,
    CONSTRAINT consent_ends_after_start CHECK (((expires_at IS NULL) OR (expires_at > given_at))),
    CONSTRAINT consent_names_one_recipient CHECK ((num_nonnulls(recipient_org, recipient_type) <= 1))
);

ALTER TABLE ONLY public.consents FORCE ROW LEVEL SECURITY;

ALTER TABLE public.consents OWNER TO binhan_owner;

-- Name: COLUMN consents.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.id IS 'operational: random id';

-- Name: COLUMN consents.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.case_id IS 'operational: the case';

-- Name: COLUMN consents.purpose; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.purpose IS 'operational: list consent_purpose';

-- Name: COLUMN consents.recipient_org; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.recipient_org IS 'operational: the one organisation it is for';

-- Name: COLUMN consents.recipient_type; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.recipient_type IS 'operational: or the type of organisation';

-- Name: COLUMN consents.fields; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.fields IS 'operational: field names it covers';

-- Name: COLUMN consents.decision; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.decision IS 'operational: list consent_decision';

-- Name: COLUMN consents.by_whom; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.by_whom IS 'operational: list consent_actor';

-- Name: COLUMN consents.method; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.method IS 'operational: list consent_method';

-- Name: COLUMN consents.given_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.given_at IS 'operational: when';

-- Name: COLUMN consents.expires_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.expires_at IS 'operational: until when';

-- Name: COLUMN consents.withdrawn_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.withdrawn_at IS 'operational: taken back at';

-- Name: COLUMN consents.narrative; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.consents.narrative IS 'secret: sealed, compartment narrative: witness, reason of withdrawal';

-- Name: goose_db_version; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.goose_db_version (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.goose_db_version OWNER TO binhan_owner;

-- Name: goose_db_version_id_seq; Type: SEQUENCE; Schema: public; Owner: binhan_owner

ALTER TABLE public.goose_db_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_db_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: idempotency; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.idempotency (
    user_id uuid NOT NULL,
    key text NOT NULL,
    route text NOT NULL,
    body bytea NOT NULL,
    status integer NOT NULL,
    location text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency OWNER TO binhan_owner;

-- Name: COLUMN idempotency.user_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.idempotency.user_id IS 'operational: whose request';

-- Name: COLUMN idempotency.key; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.idempotency.key IS 'operational: her key';

-- Name: COLUMN idempotency.route; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.idempotency.route IS 'operational: which route';

-- Name: COLUMN idempotency.body; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.idempotency.body IS 'operational: SHA-256 of the body';

-- Name: COLUMN idempotency.status; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.idempotency.status IS 'operational: what was answered';

-- Name: COLUMN idempotency.location; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.idempotency.location IS 'operational: the resource to read again';

-- Name: COLUMN idempotency.at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.idempotency.at IS 'operational: when';

-- Name: import_rows; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.import_rows (
    mapping text NOT NULL,
    token bytea NOT NULL,
    imported_by uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.import_rows FORCE ROW LEVEL SECURITY;

ALTER TABLE public.import_rows OWNER TO binhan_owner;

-- Name: COLUMN import_rows.mapping; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.import_rows.mapping IS 'operational: name of the mapping';

-- Name: COLUMN import_rows.token; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.import_rows.token IS 'operational: token of the row, made by the key ring';

-- Name: COLUMN import_rows.imported_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.import_rows.imported_by IS 'operational: who imported it';

-- Name: COLUMN import_rows.at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.import_rows.at IS 'operational: when';

-- Name: incidents; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.incidents (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    occurred_on date,
    "precision" text NOT NULL,
    commune text,
    narrative bytea NOT NULL,
    identity bytea NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.incidents FORCE ROW LEVEL SECURITY;

ALTER TABLE public.incidents OWNER TO binhan_owner;

-- Name: COLUMN incidents.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents.id IS 'operational: random id';

-- Name: COLUMN incidents.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents.case_id IS 'operational: the case';

-- Name: COLUMN incidents.occurred_on; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents.occurred_on IS 'operational: first day of what is known of the date';

-- Name: COLUMN incidents."precision"; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents."precision" IS 'operational: day, month, year or unknown';

-- Name: COLUMN incidents.commune; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents.commune IS 'operational: commune code';

-- Name: COLUMN incidents.narrative; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents.narrative IS 'secret: sealed, compartment narrative: acts, relationship, place, description';

-- Name: COLUMN incidents.identity; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents.identity IS 'secret: sealed, compartment identity: who did it';

-- Name: COLUMN incidents.recorded_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.incidents.recorded_at IS 'operational: recorded at';

-- Name: my_cases; Type: VIEW; Schema: public; Owner: binhan_owner

CREATE VIEW public.my_cases WITH (security_invoker='true') AS
 SELECT DISTINCT ON (s.case_id) s.case_id
   FROM public.case_standings s
  WHERE ((s.holder = ( SELECT auth.user_id() AS user_id)) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))
  ORDER BY s.case_id DESC;

ALTER TABLE public.my_cases OWNER TO binhan_owner;

-- Name: notices; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.notices (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    recipient uuid NOT NULL,
    kind text NOT NULL,
    case_id uuid,
    subject uuid,
    by_user uuid,
    by_org uuid,
    at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone
);

ALTER TABLE ONLY public.notices FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notices OWNER TO binhan_owner;

-- Name: COLUMN notices.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.id IS 'operational: random id';

-- Name: COLUMN notices.recipient; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.recipient IS 'operational: who is told';

-- Name: COLUMN notices.kind; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.kind IS 'operational: what happened, a word of the catalogue';

-- Name: COLUMN notices.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.case_id IS 'operational: the case it is about, if any';

-- Name: COLUMN notices.subject; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.subject IS 'operational: what it leads to: an emergency opening, a seal';

-- Name: COLUMN notices.by_user; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.by_user IS 'operational: whose act it was';

-- Name: COLUMN notices.by_org; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.by_org IS 'operational: of which organisation';

-- Name: COLUMN notices.at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.at IS 'operational: when';

-- Name: COLUMN notices.seen_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.notices.seen_at IS 'operational: read at';

-- Name: referral_keys; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.referral_keys (
    referral_id uuid NOT NULL,
    case_id uuid NOT NULL,
    made_for uuid NOT NULL,
    disclosure bytea
);

ALTER TABLE ONLY public.referral_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.referral_keys OWNER TO binhan_owner;

-- Name: COLUMN referral_keys.referral_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_keys.referral_id IS 'operational: the referral';

-- Name: COLUMN referral_keys.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_keys.case_id IS 'operational: the case';

-- Name: COLUMN referral_keys.made_for; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_keys.made_for IS 'operational: the referral for which it was made, before it was passed on';

-- Name: COLUMN referral_keys.disclosure; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_keys.disclosure IS 'secret: wrapped data key of the snapshot';

-- Name: referral_moves; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.referral_moves (
    id uuid NOT NULL,
    referral_id uuid NOT NULL,
    case_id uuid NOT NULL,
    move text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    at timestamp with time zone NOT NULL,
    by_user uuid NOT NULL,
    by_org uuid NOT NULL,
    code text,
    sealed bytea
);

ALTER TABLE ONLY public.referral_moves FORCE ROW LEVEL SECURITY;

ALTER TABLE public.referral_moves OWNER TO binhan_owner;

-- Name: COLUMN referral_moves.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.id IS 'operational: random id';

-- Name: COLUMN referral_moves.referral_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.referral_id IS 'operational: the referral';

-- Name: COLUMN referral_moves.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.case_id IS 'operational: the case';

-- Name: COLUMN referral_moves.move; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.move IS 'operational: which move';

-- Name: COLUMN referral_moves.from_status; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.from_status IS 'operational: before';

-- Name: COLUMN referral_moves.to_status; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.to_status IS 'operational: after';

-- Name: COLUMN referral_moves.at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.at IS 'operational: when';

-- Name: COLUMN referral_moves.by_user; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.by_user IS 'operational: who';

-- Name: COLUMN referral_moves.by_org; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.by_org IS 'operational: for whom';

-- Name: COLUMN referral_moves.code; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.code IS 'operational: coded reason or result';

-- Name: COLUMN referral_moves.sealed; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_moves.sealed IS 'secret: sealed under the talk key: question, answer, reason, note';

-- Name: referral_snapshots; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.referral_snapshots (
    referral_id uuid NOT NULL,
    case_id uuid NOT NULL,
    made_for uuid NOT NULL,
    sealed bytea NOT NULL,
    taken_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.referral_snapshots FORCE ROW LEVEL SECURITY;

ALTER TABLE public.referral_snapshots OWNER TO binhan_owner;

-- Name: COLUMN referral_snapshots.referral_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_snapshots.referral_id IS 'operational: the referral';

-- Name: COLUMN referral_snapshots.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_snapshots.case_id IS 'operational: the case';

-- Name: COLUMN referral_snapshots.made_for; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_snapshots.made_for IS 'operational: the referral for which it was taken, before it was passed on';

-- Name: COLUMN referral_snapshots.sealed; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_snapshots.sealed IS 'secret: sealed, compartment disclosure: exactly the shared fields';

-- Name: COLUMN referral_snapshots.taken_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_snapshots.taken_at IS 'operational: when it was taken';

-- Name: referral_talk_keys; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.referral_talk_keys (
    referral_id uuid NOT NULL,
    case_id uuid NOT NULL,
    narrative bytea
);

ALTER TABLE ONLY public.referral_talk_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.referral_talk_keys OWNER TO binhan_owner;

-- Name: COLUMN referral_talk_keys.referral_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_talk_keys.referral_id IS 'operational: the referral';

-- Name: COLUMN referral_talk_keys.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_talk_keys.case_id IS 'operational: the case';

-- Name: COLUMN referral_talk_keys.narrative; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referral_talk_keys.narrative IS 'secret: wrapped data key of questions, answers and reasons';

-- Name: referrals; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.referrals (
    id uuid NOT NULL,
    code text NOT NULL,
    case_id uuid NOT NULL,
    status text NOT NULL,
    service text NOT NULL,
    priority text NOT NULL,
    from_org uuid NOT NULL,
    from_user uuid NOT NULL,
    to_org uuid NOT NULL,
    taken_by uuid,
    forwarded_from uuid,
    commune text,
    age_band text NOT NULL,
    needs text[] DEFAULT '{}'::text[] NOT NULL,
    fields text[] NOT NULL,
    consent_id uuid,
    legal_basis text,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    accepted_at timestamp with time zone,
    ended_at timestamp with time zone,
    due_acknowledge timestamp with time zone,
    due_accept timestamp with time zone,
    due_first_contact timestamp with time zone,
    due_outcome timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT referral_is_not_sent_to_oneself CHECK ((from_org <> to_org)),
    CONSTRAINT referral_stands_on_consent_or_law CHECK ((num_nonnulls(consent_id, legal_basis) = 1)),
    CONSTRAINT taken_referral_names_the_taker CHECK (((status = ANY (ARRAY['ACCEPTED'::text, 'IN_SERVICE'::text, 'FEEDBACK'::text, 'NO_SHOW'::text])) <= (taken_by IS NOT NULL)))
)
WITH (fillfactor='90');

ALTER TABLE ONLY public.referrals FORCE ROW LEVEL SECURITY;

ALTER TABLE public.referrals OWNER TO binhan_owner;

-- Name: COLUMN referrals.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.id IS 'operational: random id';

-- Name: COLUMN referrals.code; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.code IS 'operational: spoken code';

-- Name: COLUMN referrals.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.case_id IS 'operational: the case';

-- Name: COLUMN referrals.status; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.status IS 'operational: list referral_status';

-- Name: COLUMN referrals.service; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.service IS 'operational: list service_type';

-- Name: COLUMN referrals.priority; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.priority IS 'operational: list referral_priority';

-- Name: COLUMN referrals.from_org; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.from_org IS 'operational: sender';

-- Name: COLUMN referrals.from_user; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.from_user IS 'operational: who sent it';

-- Name: COLUMN referrals.to_org; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.to_org IS 'operational: addressee';

-- Name: COLUMN referrals.taken_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.taken_by IS 'operational: who accepted';

-- Name: COLUMN referrals.forwarded_from; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.forwarded_from IS 'operational: the referral that was passed on';

-- Name: COLUMN referrals.commune; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.commune IS 'operational: envelope: commune code';

-- Name: COLUMN referrals.age_band; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.age_band IS 'operational: envelope: list age_band';

-- Name: COLUMN referrals.needs; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.needs IS 'operational: envelope: list service_type';

-- Name: COLUMN referrals.fields; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.fields IS 'operational: names of the shared fields';

-- Name: COLUMN referrals.consent_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.consent_id IS 'operational: the consent it stands on';

-- Name: COLUMN referrals.legal_basis; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.legal_basis IS 'operational: or the ground in law, list legal_basis';

-- Name: COLUMN referrals.created_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.created_at IS 'operational: written';

-- Name: COLUMN referrals.sent_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.sent_at IS 'operational: sent';

-- Name: COLUMN referrals.acknowledged_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.acknowledged_at IS 'operational: arrived';

-- Name: COLUMN referrals.accepted_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.accepted_at IS 'operational: taken';

-- Name: COLUMN referrals.ended_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.ended_at IS 'operational: ended';

-- Name: COLUMN referrals.due_acknowledge; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.due_acknowledge IS 'operational: answer due';

-- Name: COLUMN referrals.due_accept; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.due_accept IS 'operational: decision due';

-- Name: COLUMN referrals.due_first_contact; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.due_first_contact IS 'operational: first contact due';

-- Name: COLUMN referrals.due_outcome; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.due_outcome IS 'operational: result due';

-- Name: COLUMN referrals.version; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.referrals.version IS 'operational: counts moves';

-- Name: services; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.services (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    type text NOT NULL,
    communes text[] DEFAULT '{}'::text[] NOT NULL,
    opens time without time zone,
    closes time without time zone,
    capacity_today integer,
    phone text,
    CONSTRAINT capacity_is_not_negative CHECK ((capacity_today >= 0))
);

ALTER TABLE public.services OWNER TO binhan_owner;

-- Name: COLUMN services.id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.id IS 'public: random id';

-- Name: COLUMN services.organisation_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.organisation_id IS 'public: who offers it';

-- Name: COLUMN services.type; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.type IS 'public: list service_type';

-- Name: COLUMN services.communes; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.communes IS 'public: commune codes served, empty for all';

-- Name: COLUMN services.opens; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.opens IS 'public: opening time, empty when always';

-- Name: COLUMN services.closes; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.closes IS 'public: closing time';

-- Name: COLUMN services.capacity_today; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.capacity_today IS 'operational: places left today, empty when not counted';

-- Name: COLUMN services.phone; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.services.phone IS 'public: duty phone';

-- Name: shelter_addresses; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.shelter_addresses (
    organisation_id uuid NOT NULL,
    key bytea NOT NULL,
    sealed bytea NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.shelter_addresses FORCE ROW LEVEL SECURITY;

ALTER TABLE public.shelter_addresses OWNER TO binhan_owner;

-- Name: COLUMN shelter_addresses.organisation_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.shelter_addresses.organisation_id IS 'operational: the place of refuge';

-- Name: COLUMN shelter_addresses.key; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.shelter_addresses.key IS 'secret: wrapped data key, compartment safety, owner the organisation';

-- Name: COLUMN shelter_addresses.sealed; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.shelter_addresses.sealed IS 'secret: sealed, compartment safety: where it is and how to get there';

-- Name: COLUMN shelter_addresses.set_by; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.shelter_addresses.set_by IS 'operational: by whom';

-- Name: COLUMN shelter_addresses.set_at; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.shelter_addresses.set_at IS 'operational: when';

-- Name: survivors; Type: TABLE; Schema: public; Owner: binhan_owner

CREATE TABLE public.survivors (
    case_id uuid NOT NULL,
    identity bytea NOT NULL,
    safety bytea NOT NULL
)
WITH (fillfactor='90');

ALTER TABLE ONLY public.survivors FORCE ROW LEVEL SECURITY;

ALTER TABLE public.survivors OWNER TO binhan_owner;

-- Name: COLUMN survivors.case_id; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.survivors.case_id IS 'operational: the case';

-- Name: COLUMN survivors.identity; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.survivors.identity IS 'secret: sealed, compartment identity: who she is';

-- Name: COLUMN survivors.safety; Type: COMMENT; Schema: public; Owner: binhan_owner

COMMENT ON COLUMN public.survivors.safety IS 'secret: sealed, compartment safety: address and safe contact';

-- Name: agreements; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.agreements (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    number text NOT NULL,
    signed_on date NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    purposes text[] NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT agreement_ends_after_start CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
    CONSTRAINT agreement_is_signed_before_it_counts CHECK ((valid_from >= signed_on))
);

ALTER TABLE ONLY rights.agreements FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.agreements OWNER TO binhan_owner;

-- Name: COLUMN agreements.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.id IS 'operational: random id';

-- Name: COLUMN agreements.organisation_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.organisation_id IS 'operational: with whom';

-- Name: COLUMN agreements.number; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.number IS 'operational: number of the document';

-- Name: COLUMN agreements.signed_on; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.signed_on IS 'operational: signed';

-- Name: COLUMN agreements.valid_from; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.valid_from IS 'operational: first day';

-- Name: COLUMN agreements.valid_to; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.valid_to IS 'operational: last day';

-- Name: COLUMN agreements.purposes; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.purposes IS 'operational: list consent_purpose';

-- Name: COLUMN agreements.recorded_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.recorded_by IS 'operational: by whom';

-- Name: COLUMN agreements.recorded_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.agreements.recorded_at IS 'operational: when';

-- Name: breach_keys; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.breach_keys (
    breach_id uuid NOT NULL,
    narrative bytea NOT NULL
);

ALTER TABLE ONLY rights.breach_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.breach_keys OWNER TO binhan_owner;

-- Name: COLUMN breach_keys.breach_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_keys.breach_id IS 'operational: the breach';

-- Name: COLUMN breach_keys.narrative; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_keys.narrative IS 'secret: wrapped data key';

-- Name: breach_minutes; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.breach_minutes (
    id uuid NOT NULL,
    breach_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    by_user uuid NOT NULL,
    move text NOT NULL,
    sealed bytea
);

ALTER TABLE ONLY rights.breach_minutes FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.breach_minutes OWNER TO binhan_owner;

-- Name: COLUMN breach_minutes.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_minutes.id IS 'operational: random id';

-- Name: COLUMN breach_minutes.breach_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_minutes.breach_id IS 'operational: the breach';

-- Name: COLUMN breach_minutes.at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_minutes.at IS 'operational: written down';

-- Name: COLUMN breach_minutes.happened_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_minutes.happened_at IS 'operational: happened';

-- Name: COLUMN breach_minutes.by_user; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_minutes.by_user IS 'operational: by whom';

-- Name: COLUMN breach_minutes.move; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_minutes.move IS 'operational: which step';

-- Name: COLUMN breach_minutes.sealed; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breach_minutes.sealed IS 'secret: sealed under the key of the breach: the minutes';

-- Name: breaches; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.breaches (
    id uuid NOT NULL,
    code text NOT NULL,
    detected_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    serious boolean NOT NULL,
    classes text[] NOT NULL,
    people integer,
    state text DEFAULT 'OPEN'::text NOT NULL,
    due_first timestamp with time zone,
    due_notice timestamp with time zone NOT NULL,
    first_sent_at timestamp with time zone,
    notice_sent_at timestamp with time zone,
    persons_told_at timestamp with time zone,
    closed_at timestamp with time zone,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT breach_concerns_nobody_or_somebody CHECK ((people >= 0)),
    CONSTRAINT breach_is_closed_after_notice CHECK (((state = 'CLOSED'::text) <= ((notice_sent_at IS NOT NULL) AND (closed_at IS NOT NULL)))),
    CONSTRAINT breach_is_detected_before_it_is_recorded CHECK ((detected_at <= (recorded_at + '00:05:00'::interval))),
    CONSTRAINT breach_state_is_known CHECK ((state = ANY (ARRAY['OPEN'::text, 'CONTAINED'::text, 'NOTIFIED'::text, 'CLOSED'::text]))),
    CONSTRAINT serious_breach_has_a_first_clock CHECK ((serious = (due_first IS NOT NULL)))
);

ALTER TABLE ONLY rights.breaches FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.breaches OWNER TO binhan_owner;

-- Name: COLUMN breaches.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.id IS 'operational: random id';

-- Name: COLUMN breaches.code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.code IS 'operational: spoken code';

-- Name: COLUMN breaches.detected_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.detected_at IS 'operational: detected';

-- Name: COLUMN breaches.kind; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.kind IS 'operational: confidentiality, integrity or availability';

-- Name: COLUMN breaches.serious; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.serious IS 'operational: a serious cyber incident';

-- Name: COLUMN breaches.classes; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.classes IS 'operational: classes of data';

-- Name: COLUMN breaches.people; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.people IS 'operational: how many people, empty when unknown';

-- Name: COLUMN breaches.state; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.state IS 'operational: where it stands';

-- Name: COLUMN breaches.due_first; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.due_first IS 'operational: first notice due';

-- Name: COLUMN breaches.due_notice; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.due_notice IS 'operational: notice due';

-- Name: COLUMN breaches.first_sent_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.first_sent_at IS 'operational: first notice sent';

-- Name: COLUMN breaches.notice_sent_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.notice_sent_at IS 'operational: notice sent';

-- Name: COLUMN breaches.persons_told_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.persons_told_at IS 'operational: the people concerned were told';

-- Name: COLUMN breaches.closed_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.closed_at IS 'operational: closed';

-- Name: COLUMN breaches.recorded_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.recorded_by IS 'operational: by whom';

-- Name: COLUMN breaches.recorded_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.recorded_at IS 'operational: when';

-- Name: COLUMN breaches.version; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.version IS 'operational: counts changes';

-- Name: COLUMN breaches.sealed; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.breaches.sealed IS 'secret: sealed under the key of the breach: what happened, consequences, measures';

-- Name: copies; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.copies (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    request_id uuid,
    made_by uuid NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    with_files boolean NOT NULL,
    protected boolean NOT NULL
);

ALTER TABLE ONLY rights.copies FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.copies OWNER TO binhan_owner;

-- Name: COLUMN copies.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.copies.id IS 'operational: random id, printed on the copy';

-- Name: COLUMN copies.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.copies.case_id IS 'operational: the case';

-- Name: COLUMN copies.request_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.copies.request_id IS 'operational: the request behind it';

-- Name: COLUMN copies.made_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.copies.made_by IS 'operational: by whom';

-- Name: COLUMN copies.made_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.copies.made_at IS 'operational: when';

-- Name: COLUMN copies.with_files; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.copies.with_files IS 'operational: with the files';

-- Name: COLUMN copies.protected; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.copies.protected IS 'operational: under a passphrase';

-- Name: erasures; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.erasures (
    id uuid NOT NULL,
    code text NOT NULL,
    case_id uuid NOT NULL,
    case_code text NOT NULL,
    ground text NOT NULL,
    request_id uuid,
    opened_on date,
    closed_on date,
    state text DEFAULT 'PROPOSED'::text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone DEFAULT now() NOT NULL,
    first_by uuid,
    first_as text,
    first_at timestamp with time zone,
    second_by uuid,
    second_as text,
    second_at timestamp with time zone,
    refused_by uuid,
    refused_at timestamp with time zone,
    done_at timestamp with time zone,
    keys integer DEFAULT 0 NOT NULL,
    snapshots integer DEFAULT 0 NOT NULL,
    sealed_values integer DEFAULT 0 NOT NULL,
    files integer DEFAULT 0 NOT NULL,
    files_held integer DEFAULT 0 NOT NULL,
    CONSTRAINT erasure_ground_is_known CHECK ((ground = ANY (ARRAY['REQUEST'::text, 'TERM'::text, 'CONSENT'::text, 'ORDER'::text]))),
    CONSTRAINT erasure_is_approved_before_it_is_done CHECK (((state = ANY (ARRAY['APPROVED'::text, 'DONE'::text])) <= ((first_by IS NOT NULL) AND (second_by IS NOT NULL)))),
    CONSTRAINT erasure_is_decided_by_two_others CHECK (((first_by <> proposed_by) AND (second_by <> proposed_by) AND (second_by <> first_by))),
    CONSTRAINT erasure_is_done_once CHECK (((state = 'DONE'::text) = (done_at IS NOT NULL))),
    CONSTRAINT erasure_is_refused_by_somebody CHECK (((state = 'REFUSED'::text) = (refused_by IS NOT NULL))),
    CONSTRAINT erasure_needs_the_data_protection_officer CHECK (((second_as IS NULL) OR (first_as = 'DPO'::text) OR (second_as = 'DPO'::text))),
    CONSTRAINT erasure_on_request_names_it CHECK (((ground = 'REQUEST'::text) = (request_id IS NOT NULL))),
    CONSTRAINT erasure_state_is_known CHECK ((state = ANY (ARRAY['PROPOSED'::text, 'HALF'::text, 'APPROVED'::text, 'DONE'::text, 'REFUSED'::text])))
);

ALTER TABLE ONLY rights.erasures FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.erasures OWNER TO binhan_owner;

-- Name: COLUMN erasures.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.id IS 'operational: random id';

-- Name: COLUMN erasures.code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.code IS 'operational: spoken code';

-- Name: COLUMN erasures.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.case_id IS 'operational: the case';

-- Name: COLUMN erasures.case_code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.case_code IS 'operational: its code';

-- Name: COLUMN erasures.ground; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.ground IS 'operational: REQUEST, TERM, CONSENT or ORDER';

-- Name: COLUMN erasures.request_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.request_id IS 'operational: the request behind it';

-- Name: COLUMN erasures.opened_on; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.opened_on IS 'operational: when the case was opened';

-- Name: COLUMN erasures.closed_on; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.closed_on IS 'operational: when it was closed';

-- Name: COLUMN erasures.state; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.state IS 'operational: where it stands';

-- Name: COLUMN erasures.proposed_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.proposed_by IS 'operational: who proposed';

-- Name: COLUMN erasures.proposed_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.proposed_at IS 'operational: when';

-- Name: COLUMN erasures.first_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.first_by IS 'operational: first of the two';

-- Name: COLUMN erasures.first_as; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.first_as IS 'operational: by which right';

-- Name: COLUMN erasures.first_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.first_at IS 'operational: when';

-- Name: COLUMN erasures.second_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.second_by IS 'operational: second of the two';

-- Name: COLUMN erasures.second_as; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.second_as IS 'operational: by which right';

-- Name: COLUMN erasures.second_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.second_at IS 'operational: when';

-- Name: COLUMN erasures.refused_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.refused_by IS 'operational: who refused';

-- Name: COLUMN erasures.refused_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.refused_at IS 'operational: when';

-- Name: COLUMN erasures.done_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.done_at IS 'operational: carried out';

-- Name: COLUMN erasures.keys; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.keys IS 'operational: keys deleted';

-- Name: COLUMN erasures.snapshots; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.snapshots IS 'operational: snapshots deleted';

-- Name: COLUMN erasures.sealed_values; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.sealed_values IS 'operational: sealed values deleted';

-- Name: COLUMN erasures.files; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.files IS 'operational: files whose key is gone';

-- Name: COLUMN erasures.files_held; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.erasures.files_held IS 'operational: files that the store must still keep, unreadable';

-- Name: handovers; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.handovers (
    id uuid NOT NULL,
    copy_id uuid NOT NULL,
    case_id uuid NOT NULL,
    to_whom text NOT NULL,
    identity_check text NOT NULL,
    by_user uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY rights.handovers FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.handovers OWNER TO binhan_owner;

-- Name: COLUMN handovers.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.handovers.id IS 'operational: random id, printed on the receipt';

-- Name: COLUMN handovers.copy_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.handovers.copy_id IS 'operational: the copy';

-- Name: COLUMN handovers.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.handovers.case_id IS 'operational: the case';

-- Name: COLUMN handovers.to_whom; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.handovers.to_whom IS 'operational: list consent_actor';

-- Name: COLUMN handovers.identity_check; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.handovers.identity_check IS 'operational: list dsr_identity_check';

-- Name: COLUMN handovers.by_user; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.handovers.by_user IS 'operational: by whom';

-- Name: COLUMN handovers.at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.handovers.at IS 'operational: when';

-- Name: holds; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.holds (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    case_code text NOT NULL,
    ground text NOT NULL,
    until date,
    set_by uuid NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    lifted_by uuid,
    lifted_at timestamp with time zone,
    CONSTRAINT hold_is_lifted_by_somebody CHECK (((lifted_at IS NULL) = (lifted_by IS NULL)))
);

ALTER TABLE ONLY rights.holds FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.holds OWNER TO binhan_owner;

-- Name: COLUMN holds.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.id IS 'operational: random id';

-- Name: COLUMN holds.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.case_id IS 'operational: the case';

-- Name: COLUMN holds.case_code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.case_code IS 'operational: its code';

-- Name: COLUMN holds.ground; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.ground IS 'operational: what obliges us to keep';

-- Name: COLUMN holds.until; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.until IS 'operational: last day, empty while it is open';

-- Name: COLUMN holds.set_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.set_by IS 'operational: by whom';

-- Name: COLUMN holds.set_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.set_at IS 'operational: since';

-- Name: COLUMN holds.lifted_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.lifted_by IS 'operational: by whom it was lifted';

-- Name: COLUMN holds.lifted_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.holds.lifted_at IS 'operational: when';

-- Name: request_corrections; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.request_corrections (
    request_id uuid NOT NULL,
    correction_id uuid NOT NULL
);

ALTER TABLE rights.request_corrections OWNER TO binhan_owner;

-- Name: COLUMN request_corrections.request_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_corrections.request_id IS 'operational: the request';

-- Name: COLUMN request_corrections.correction_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_corrections.correction_id IS 'operational: a correction that answered it';

-- Name: request_keys; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.request_keys (
    request_id uuid NOT NULL,
    case_id uuid,
    narrative bytea NOT NULL
);

ALTER TABLE ONLY rights.request_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.request_keys OWNER TO binhan_owner;

-- Name: COLUMN request_keys.request_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_keys.request_id IS 'operational: the request';

-- Name: COLUMN request_keys.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_keys.case_id IS 'operational: the case';

-- Name: COLUMN request_keys.narrative; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_keys.narrative IS 'secret: wrapped data key';

-- Name: request_moves; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.request_moves (
    id uuid NOT NULL,
    request_id uuid NOT NULL,
    case_id uuid,
    move text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    at timestamp with time zone NOT NULL,
    by_user uuid NOT NULL,
    code text,
    sealed bytea
);

ALTER TABLE ONLY rights.request_moves FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.request_moves OWNER TO binhan_owner;

-- Name: COLUMN request_moves.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.id IS 'operational: random id';

-- Name: COLUMN request_moves.request_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.request_id IS 'operational: the request';

-- Name: COLUMN request_moves.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.case_id IS 'operational: the case';

-- Name: COLUMN request_moves.move; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.move IS 'operational: which move';

-- Name: COLUMN request_moves.from_state; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.from_state IS 'operational: before';

-- Name: COLUMN request_moves.to_state; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.to_state IS 'operational: after';

-- Name: COLUMN request_moves.at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.at IS 'operational: when';

-- Name: COLUMN request_moves.by_user; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.by_user IS 'operational: who';

-- Name: COLUMN request_moves.code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.code IS 'operational: coded reason';

-- Name: COLUMN request_moves.sealed; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.request_moves.sealed IS 'secret: sealed under the key of the request: what was answered';

-- Name: requests; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.requests (
    id uuid NOT NULL,
    code text NOT NULL,
    case_id uuid,
    case_code text,
    kind text NOT NULL,
    asked_by text NOT NULL,
    identity_check text NOT NULL,
    third_party boolean NOT NULL,
    received_at timestamp with time zone NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    registered_by uuid NOT NULL,
    state text DEFAULT 'RECEIVED'::text NOT NULL,
    due_reply timestamp with time zone NOT NULL,
    due_act timestamp with time zone NOT NULL,
    law text NOT NULL,
    days text NOT NULL,
    acknowledged_at timestamp with time zone,
    extended_at timestamp with time zone,
    extension_code text,
    ended_at timestamp with time zone,
    ground text,
    version integer DEFAULT 1 NOT NULL,
    sealed bytea,
    CONSTRAINT request_clock_runs_forward CHECK (((due_reply > received_at) AND (due_act > received_at))),
    CONSTRAINT request_ends_once CHECK (((state = ANY (ARRAY['DONE'::text, 'REFUSED'::text, 'TAKEN_BACK'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT request_is_extended_for_a_reason CHECK (((extended_at IS NULL) = (extension_code IS NULL))),
    CONSTRAINT request_is_received_before_it_is_registered CHECK ((received_at <= (registered_at + '00:05:00'::interval))),
    CONSTRAINT request_is_refused_on_a_ground CHECK (((state = 'REFUSED'::text) = (ground IS NOT NULL))),
    CONSTRAINT request_state_is_known CHECK ((state = ANY (ARRAY['RECEIVED'::text, 'ACKNOWLEDGED'::text, 'IN_WORK'::text, 'EXTENDED'::text, 'DONE'::text, 'REFUSED'::text, 'TAKEN_BACK'::text])))
);

ALTER TABLE ONLY rights.requests FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.requests OWNER TO binhan_owner;

-- Name: COLUMN requests.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.id IS 'operational: random id';

-- Name: COLUMN requests.code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.code IS 'operational: spoken code';

-- Name: COLUMN requests.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.case_id IS 'operational: the case, empty when no file was found';

-- Name: COLUMN requests.case_code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.case_code IS 'operational: its code';

-- Name: COLUMN requests.kind; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.kind IS 'operational: list dsr_type';

-- Name: COLUMN requests.asked_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.asked_by IS 'operational: list consent_actor: who asks';

-- Name: COLUMN requests.identity_check; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.identity_check IS 'operational: how it was made sure who asks, coded';

-- Name: COLUMN requests.third_party; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.third_party IS 'operational: a third party must help';

-- Name: COLUMN requests.received_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.received_at IS 'operational: when it came';

-- Name: COLUMN requests.registered_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.registered_at IS 'operational: when it was written down';

-- Name: COLUMN requests.registered_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.registered_by IS 'operational: by whom';

-- Name: COLUMN requests.state; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.state IS 'operational: where it stands';

-- Name: COLUMN requests.due_reply; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.due_reply IS 'operational: answer due';

-- Name: COLUMN requests.due_act; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.due_act IS 'operational: done by';

-- Name: COLUMN requests.law; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.law IS 'operational: version of the clocks';

-- Name: COLUMN requests.days; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.days IS 'operational: calendar or working days';

-- Name: COLUMN requests.acknowledged_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.acknowledged_at IS 'operational: answered';

-- Name: COLUMN requests.extended_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.extended_at IS 'operational: extended, once';

-- Name: COLUMN requests.extension_code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.extension_code IS 'operational: why';

-- Name: COLUMN requests.ended_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.ended_at IS 'operational: ended';

-- Name: COLUMN requests.ground; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.ground IS 'operational: ground of a refusal';

-- Name: COLUMN requests.version; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.version IS 'operational: counts moves';

-- Name: COLUMN requests.sealed; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.requests.sealed IS 'secret: sealed under the key of the request: her words';

-- Name: restrictions; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.restrictions (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    case_code text NOT NULL,
    ground text NOT NULL,
    request_id uuid,
    set_by uuid NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    lifted_by uuid,
    lifted_at timestamp with time zone,
    lift_ground text,
    CONSTRAINT restriction_is_lifted_by_somebody CHECK ((((lifted_at IS NULL) = (lifted_by IS NULL)) AND ((lifted_at IS NULL) = (lift_ground IS NULL))))
);

ALTER TABLE ONLY rights.restrictions FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.restrictions OWNER TO binhan_owner;

-- Name: COLUMN restrictions.id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.id IS 'operational: random id';

-- Name: COLUMN restrictions.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.case_id IS 'operational: the case';

-- Name: COLUMN restrictions.case_code; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.case_code IS 'operational: its code';

-- Name: COLUMN restrictions.ground; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.ground IS 'operational: why';

-- Name: COLUMN restrictions.request_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.request_id IS 'operational: the request behind it';

-- Name: COLUMN restrictions.set_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.set_by IS 'operational: by whom';

-- Name: COLUMN restrictions.set_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.set_at IS 'operational: since';

-- Name: COLUMN restrictions.lifted_by; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.lifted_by IS 'operational: by whom it was lifted';

-- Name: COLUMN restrictions.lifted_at; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.lifted_at IS 'operational: until';

-- Name: COLUMN restrictions.lift_ground; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.restrictions.lift_ground IS 'operational: why it was lifted';

-- Name: terms; Type: TABLE; Schema: rights; Owner: binhan_owner

CREATE TABLE rights.terms (
    case_id uuid NOT NULL,
    rule text NOT NULL,
    starts_on date NOT NULL,
    keep_until date NOT NULL,
    CONSTRAINT term_runs_forward CHECK ((keep_until > starts_on))
);

ALTER TABLE ONLY rights.terms FORCE ROW LEVEL SECURITY;

ALTER TABLE rights.terms OWNER TO binhan_owner;

-- Name: COLUMN terms.case_id; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.terms.case_id IS 'operational: the case';

-- Name: COLUMN terms.rule; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.terms.rule IS 'operational: rule of the retention terms';

-- Name: COLUMN terms.starts_on; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.terms.starts_on IS 'operational: day from which the term runs';

-- Name: COLUMN terms.keep_until; Type: COMMENT; Schema: rights; Owner: binhan_owner

COMMENT ON COLUMN rights.terms.keep_until IS 'operational: last day of the term, rounded up to the end of a year, so that it tells no birthday';

-- Name: cubes; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.cubes (
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    scope text NOT NULL,
    kind text NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    state text DEFAULT 'PREPARING'::text NOT NULL,
    attempt integer DEFAULT 1 NOT NULL,
    definition text NOT NULL,
    code_lists text NOT NULL,
    size_from text NOT NULL,
    prepared_by uuid NOT NULL,
    prepared_role text NOT NULL,
    reserved_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    sha256 bytea,
    published_by uuid,
    published_role text,
    published_at timestamp with time zone,
    supersedes uuid,
    quarters boolean DEFAULT false NOT NULL,
    plan_version uuid,
    unlinked boolean DEFAULT true NOT NULL,
    CONSTRAINT correction_names_what_it_corrects CHECK (((kind = 'CORRECTION'::text) = (supersedes IS NOT NULL))),
    CONSTRAINT cube_attempts_count_up CHECK (((attempt >= 1) AND (attempt <= 9))),
    CONSTRAINT cube_covers_whole_months CHECK (((EXTRACT(day FROM period_from) = (1)::numeric) AND (EXTRACT(day FROM (period_to + 1)) = (1)::numeric))),
    CONSTRAINT cube_ends_after_it_begins CHECK ((period_to >= period_from)),
    CONSTRAINT cube_is_closed_before_it_is_prepared CHECK (((state = ANY (ARRAY['PREPARED'::text, 'PUBLISHED'::text, 'SUPERSEDED'::text])) = ((closed_at IS NOT NULL) AND (sha256 IS NOT NULL)))),
    CONSTRAINT cube_is_published_by_somebody CHECK (((state = ANY (ARRAY['PUBLISHED'::text, 'SUPERSEDED'::text])) = ((published_by IS NOT NULL) AND (published_at IS NOT NULL)))),
    CONSTRAINT cube_kind_is_known CHECK ((kind = ANY (ARRAY['YEAR'::text, 'QUARTER'::text, 'LATE'::text, 'CORRECTION'::text]))),
    CONSTRAINT cube_state_is_known CHECK ((state = ANY (ARRAY['PREPARING'::text, 'PREPARED'::text, 'PUBLISHED'::text, 'SUPERSEDED'::text, 'FAILED'::text]))),
    CONSTRAINT only_a_year_has_quarters CHECK ((quarters <= (kind = 'YEAR'::text))),
    CONSTRAINT publisher_is_not_the_preparer CHECK ((published_by <> prepared_by)),
    CONSTRAINT quarter_has_three_months CHECK (((kind <> 'QUARTER'::text) OR (((period_to + 1) = (period_from + '3 mons'::interval)) AND (EXTRACT(month FROM period_from) = ANY (ARRAY[(1)::numeric, (4)::numeric, (7)::numeric, (10)::numeric])))))
);

ALTER TABLE stats.cubes OWNER TO binhan_owner;

-- Name: COLUMN cubes.id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.id IS 'public: random id, the release_id';

-- Name: COLUMN cubes.plan_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.plan_id IS 'public: the plan';

-- Name: COLUMN cubes.scope; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.scope IS 'public: province or imported register';

-- Name: COLUMN cubes.kind; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.kind IS 'public: YEAR, LATE or CORRECTION';

-- Name: COLUMN cubes.period_from; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.period_from IS 'public: first day';

-- Name: COLUMN cubes.period_to; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.period_to IS 'public: last day';

-- Name: COLUMN cubes.state; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.state IS 'public: PREPARING, PREPARED, PUBLISHED, SUPERSEDED or FAILED';

-- Name: COLUMN cubes.attempt; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.attempt IS 'operational: which attempt to draw it; an older one may not store any more';

-- Name: COLUMN cubes.definition; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.definition IS 'public: version of the rules by which a case becomes a fact';

-- Name: COLUMN cubes.code_lists; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.code_lists IS 'public: version of the code lists';

-- Name: COLUMN cubes.size_from; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.size_from IS 'public: what the size class was taken from';

-- Name: COLUMN cubes.prepared_by; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.prepared_by IS 'operational: who';

-- Name: COLUMN cubes.prepared_role; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.prepared_role IS 'public: in which role';

-- Name: COLUMN cubes.reserved_at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.reserved_at IS 'operational: budget reserved';

-- Name: COLUMN cubes.closed_at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.closed_at IS 'public: cut-off; what was recorded later is in the next cube';

-- Name: COLUMN cubes.sha256; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.sha256 IS 'public: of all tables as published';

-- Name: COLUMN cubes.published_by; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.published_by IS 'operational: who';

-- Name: COLUMN cubes.published_role; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.published_role IS 'public: in which role';

-- Name: COLUMN cubes.published_at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.published_at IS 'public: when';

-- Name: COLUMN cubes.supersedes; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.supersedes IS 'public: the release that it corrects';

-- Name: COLUMN cubes.quarters; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.quarters IS 'public: its quarters were published and are merged into it';

-- Name: COLUMN cubes.plan_version; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.plan_version IS 'public: the approved plan that it was made by';

-- Name: COLUMN cubes.unlinked; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.cubes.unlinked IS 'public: files of one person could not be tied, so that the unit is the file';

-- Name: errata; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.errata (
    id uuid NOT NULL,
    cube_id uuid NOT NULL,
    text text NOT NULL,
    by_user uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT erratum_has_no_numbers CHECK (((text !~ '[[:digit:]]'::text) AND ((length(text) >= 1) AND (length(text) <= 2000))))
);

ALTER TABLE stats.errata OWNER TO binhan_owner;

-- Name: COLUMN errata.id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.errata.id IS 'public: random id';

-- Name: COLUMN errata.cube_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.errata.cube_id IS 'public: the release';

-- Name: COLUMN errata.text; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.errata.text IS 'public: what is wrong, without numbers';

-- Name: COLUMN errata.by_user; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.errata.by_user IS 'operational: who';

-- Name: COLUMN errata.at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.errata.at IS 'public: when';

-- Name: fact_corrections; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.fact_corrections (
    fact_ref bytea NOT NULL,
    received_on date NOT NULL,
    month text GENERATED ALWAYS AS (((lpad(((EXTRACT(year FROM received_on))::integer)::text, 4, '0'::text) || '-'::text) || lpad(((EXTRACT(month FROM received_on))::integer)::text, 2, '0'::text))) STORED NOT NULL,
    area text NOT NULL,
    commune text NOT NULL,
    form text NOT NULL,
    forms text[] NOT NULL,
    sex text NOT NULL,
    age text NOT NULL,
    relation text NOT NULL,
    sex_perp text NOT NULL,
    ethnic text NOT NULL,
    cube_id uuid,
    CONSTRAINT correction_holds_codes_only CHECK (((GREATEST(length(area), length(commune), length(form), length(sex), length(age), length(relation), length(sex_perp), length(ethnic)) <= 64) AND (cardinality(forms) <= 16))),
    CONSTRAINT correction_ref_is_an_hmac CHECK ((length(fact_ref) = 32))
);

ALTER TABLE stats.fact_corrections OWNER TO binhan_owner;

-- Name: COLUMN fact_corrections.fact_ref; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.fact_ref IS 'operational: the counted fact that was wrong';

-- Name: COLUMN fact_corrections.received_on; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.received_on IS 'personal: day of the first contact';

-- Name: COLUMN fact_corrections.month; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.month IS 'personal: its month';

-- Name: COLUMN fact_corrections.area; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.area IS 'personal: statistical area';

-- Name: COLUMN fact_corrections.commune; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.commune IS 'personal: commune code';

-- Name: COLUMN fact_corrections.form; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.form IS 'personal: main form, list violence_form';

-- Name: COLUMN fact_corrections.forms; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.forms IS 'personal: all forms, list violence_form';

-- Name: COLUMN fact_corrections.sex; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.sex IS 'personal: list sex';

-- Name: COLUMN fact_corrections.age; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.age IS 'personal: list age_band';

-- Name: COLUMN fact_corrections.relation; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.relation IS 'personal: list relationship_group';

-- Name: COLUMN fact_corrections.sex_perp; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.sex_perp IS 'personal: list sex';

-- Name: COLUMN fact_corrections.ethnic; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.ethnic IS 'personal: list ethnicity_report_group';

-- Name: COLUMN fact_corrections.cube_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.fact_corrections.cube_id IS 'operational: the correction that counted it';

-- Name: facts; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.facts (
    fact_ref bytea NOT NULL,
    scope text NOT NULL,
    received_on date NOT NULL,
    month text GENERATED ALWAYS AS (((lpad(((EXTRACT(year FROM received_on))::integer)::text, 4, '0'::text) || '-'::text) || lpad(((EXTRACT(month FROM received_on))::integer)::text, 2, '0'::text))) STORED NOT NULL,
    area text NOT NULL,
    commune text NOT NULL,
    form text NOT NULL,
    forms text[] NOT NULL,
    sex text NOT NULL,
    age text NOT NULL,
    relation text NOT NULL,
    sex_perp text NOT NULL,
    ethnic text NOT NULL,
    cube_id uuid,
    quarter_id uuid,
    files smallint DEFAULT 1 NOT NULL,
    CONSTRAINT fact_holds_codes_only CHECK (((GREATEST(length(scope), length(area), length(commune), length(form), length(sex), length(age), length(relation), length(sex_perp), length(ethnic)) <= 64) AND (LEAST(length(scope), length(area), length(commune), length(form), length(sex), length(age), length(relation), length(sex_perp), length(ethnic)) >= 1) AND (cardinality(forms) <= 16))),
    CONSTRAINT fact_ref_is_an_hmac CHECK ((length(fact_ref) = 32)),
    CONSTRAINT files_are_counted CHECK (((files >= 0) AND (files <= 999)))
)
WITH (fillfactor='45');

ALTER TABLE stats.facts OWNER TO binhan_owner;

-- Name: COLUMN facts.fact_ref; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.fact_ref IS 'operational: HMAC of the case id under a key of the key ring; leads nowhere without it';

-- Name: COLUMN facts.scope; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.scope IS 'operational: province or imported register that counts it';

-- Name: COLUMN facts.received_on; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.received_on IS 'personal: day of the first contact';

-- Name: COLUMN facts.month; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.month IS 'personal: its month';

-- Name: COLUMN facts.area; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.area IS 'personal: statistical area, former district, else province';

-- Name: COLUMN facts.commune; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.commune IS 'personal: commune code';

-- Name: COLUMN facts.form; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.form IS 'personal: main form, list violence_form';

-- Name: COLUMN facts.forms; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.forms IS 'personal: all forms, list violence_form';

-- Name: COLUMN facts.sex; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.sex IS 'personal: list sex';

-- Name: COLUMN facts.age; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.age IS 'personal: list age_band';

-- Name: COLUMN facts.relation; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.relation IS 'personal: list relationship_group';

-- Name: COLUMN facts.sex_perp; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.sex_perp IS 'personal: list sex';

-- Name: COLUMN facts.ethnic; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.ethnic IS 'personal: list ethnicity_report_group';

-- Name: COLUMN facts.cube_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.cube_id IS 'operational: the one cube that counted it, empty while it is open';

-- Name: COLUMN facts.quarter_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.quarter_id IS 'operational: the quarter that counted it, empty when none did';

-- Name: COLUMN facts.files; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.facts.files IS 'personal: files of the person in the year; none for a further file';

-- Name: late_facts; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.late_facts (
    fact_ref bytea NOT NULL,
    scope text NOT NULL,
    closed_on date NOT NULL,
    form text NOT NULL,
    service text NOT NULL,
    outcome text NOT NULL,
    time_bin text NOT NULL,
    again boolean DEFAULT false NOT NULL,
    cube_id uuid,
    CONSTRAINT late_fact_holds_codes_only CHECK ((GREATEST(length(scope), length(form), length(service), length(outcome), length(time_bin)) <= 64)),
    CONSTRAINT late_fact_ref_is_an_hmac CHECK ((length(fact_ref) = 32))
)
WITH (fillfactor='45');

ALTER TABLE stats.late_facts OWNER TO binhan_owner;

-- Name: COLUMN late_facts.fact_ref; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.fact_ref IS 'operational: the fact of the case';

-- Name: COLUMN late_facts.scope; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.scope IS 'operational: province or imported register that counts it';

-- Name: COLUMN late_facts.closed_on; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.closed_on IS 'personal: day on which the outcome was reported';

-- Name: COLUMN late_facts.form; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.form IS 'personal: main form, list violence_form';

-- Name: COLUMN late_facts.service; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.service IS 'personal: service asked for, list service_type';

-- Name: COLUMN late_facts.outcome; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.outcome IS 'personal: what came of it';

-- Name: COLUMN late_facts.time_bin; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.time_bin IS 'personal: time from sending to accepting, in classes';

-- Name: COLUMN late_facts.again; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.again IS 'operational: a further file of somebody who is counted already';

-- Name: COLUMN late_facts.cube_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.late_facts.cube_id IS 'operational: the one late cube that counted it';

-- Name: links; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.links (
    fact_ref bytea NOT NULL,
    token bytea NOT NULL,
    CONSTRAINT link_ref_is_an_hmac CHECK ((length(fact_ref) = 32)),
    CONSTRAINT link_token_is_a_mark CHECK ((length(token) = 16))
);

ALTER TABLE stats.links OWNER TO binhan_owner;

-- Name: COLUMN links.fact_ref; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.links.fact_ref IS 'operational: the fact of a case';

-- Name: COLUMN links.token; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.links.token IS 'secret: blind token of the key ring, of a person, under an index that serves nothing else';

-- Name: noisy_measurements; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.noisy_measurements (
    cube_id uuid NOT NULL,
    table_id text NOT NULL,
    cell integer NOT NULL,
    value bigint NOT NULL,
    sigma2_num bigint NOT NULL,
    sigma2_den bigint NOT NULL,
    CONSTRAINT measurement_has_noise CHECK (((sigma2_num > 0) AND (sigma2_den > 0)))
);

ALTER TABLE stats.noisy_measurements OWNER TO binhan_owner;

-- Name: COLUMN noisy_measurements.cube_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.noisy_measurements.cube_id IS 'public: the cube';

-- Name: COLUMN noisy_measurements.table_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.noisy_measurements.table_id IS 'public: the table';

-- Name: COLUMN noisy_measurements.cell; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.noisy_measurements.cell IS 'public: number of the cell in the domain';

-- Name: COLUMN noisy_measurements.value; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.noisy_measurements.value IS 'operational: count with noise; safe to know, kept for checks and approved research';

-- Name: COLUMN noisy_measurements.sigma2_num; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.noisy_measurements.sigma2_num IS 'public: variance of the noise, numerator';

-- Name: COLUMN noisy_measurements.sigma2_den; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.noisy_measurements.sigma2_den IS 'public: variance of the noise, denominator';

-- Name: plan_versions; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.plan_versions (
    id uuid NOT NULL,
    version text NOT NULL,
    kind text NOT NULL,
    size text NOT NULL,
    spec text NOT NULL,
    sha256 bytea NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone DEFAULT now() NOT NULL,
    approved_by uuid,
    approved_at timestamp with time zone,
    CONSTRAINT plan_version_approval_has_a_day CHECK (((approved_by IS NULL) = (approved_at IS NULL))),
    CONSTRAINT plan_version_hash_is_of_its_text CHECK ((sha256 = sha256(convert_to(spec, 'UTF8'::name)))),
    CONSTRAINT plan_version_is_approved_by_another CHECK ((approved_by <> proposed_by)),
    CONSTRAINT plan_version_kind_is_known CHECK ((kind = ANY (ARRAY['YEAR'::text, 'QUARTER'::text, 'LATE'::text, 'CORRECTION'::text]))),
    CONSTRAINT plan_version_size_is_known CHECK ((size = ANY (ARRAY['small'::text, 'medium'::text, 'large'::text])))
);

ALTER TABLE stats.plan_versions OWNER TO binhan_owner;

-- Name: COLUMN plan_versions.id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.id IS 'public: random id';

-- Name: COLUMN plan_versions.version; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.version IS 'public: its name';

-- Name: COLUMN plan_versions.kind; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.kind IS 'public: kind of cube that it is for';

-- Name: COLUMN plan_versions.size; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.size IS 'public: size class that it is for';

-- Name: COLUMN plan_versions.spec; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.spec IS 'public: the plan, JSON, without the places and months of a scope';

-- Name: COLUMN plan_versions.sha256; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.sha256 IS 'public: of the plan';

-- Name: COLUMN plan_versions.proposed_by; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.proposed_by IS 'operational: who proposed it';

-- Name: COLUMN plan_versions.proposed_at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.proposed_at IS 'operational: when';

-- Name: COLUMN plan_versions.approved_by; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.approved_by IS 'operational: the second person';

-- Name: COLUMN plan_versions.approved_at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.plan_versions.approved_at IS 'public: when; empty while it may not be used';

-- Name: release_plans; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.release_plans (
    id uuid NOT NULL,
    version text NOT NULL,
    spec text NOT NULL,
    sha256 bytea NOT NULL,
    approved_by_1 uuid NOT NULL,
    approved_by_2 uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT plan_hash_is_of_its_text CHECK ((sha256 = sha256(convert_to(spec, 'UTF8'::name)))),
    CONSTRAINT plan_is_approved_by_two CHECK ((approved_by_1 <> approved_by_2))
);

ALTER TABLE stats.release_plans OWNER TO binhan_owner;

-- Name: COLUMN release_plans.id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_plans.id IS 'public: random id';

-- Name: COLUMN release_plans.version; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_plans.version IS 'public: its name';

-- Name: COLUMN release_plans.spec; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_plans.spec IS 'public: the plan, JSON';

-- Name: COLUMN release_plans.sha256; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_plans.sha256 IS 'public: of the plan';

-- Name: COLUMN release_plans.approved_by_1; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_plans.approved_by_1 IS 'operational: who prepared by it first';

-- Name: COLUMN release_plans.approved_by_2; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_plans.approved_by_2 IS 'operational: the second person, who published by it first';

-- Name: COLUMN release_plans.created_at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_plans.created_at IS 'operational: when';

-- Name: published_releases; Type: VIEW; Schema: stats; Owner: binhan_owner

CREATE VIEW stats.published_releases WITH (security_barrier='true') AS
 SELECT c.id,
    c.scope,
    c.kind,
    c.period_from,
    c.period_to,
    c.state,
    c.definition,
    c.code_lists,
    c.size_from,
    c.closed_at,
    encode(c.sha256, 'hex'::text) AS sha256,
    c.prepared_role,
    c.published_role,
    c.published_at,
    c.supersedes,
    p.version AS plan_version,
    p.spec AS plan,
    c.unlinked,
    v.version AS approved_plan,
    encode(v.sha256, 'hex'::text) AS approved_sha256,
    v.approved_at,
    ( SELECT n.id
           FROM stats.cubes n
          WHERE ((n.supersedes = c.id) AND (n.state = 'PUBLISHED'::text))) AS superseded_by
   FROM ((stats.cubes c
     JOIN stats.release_plans p ON ((p.id = c.plan_id)))
     LEFT JOIN stats.plan_versions v ON ((v.id = c.plan_version)))
  WHERE (c.state = ANY (ARRAY['PUBLISHED'::text, 'SUPERSEDED'::text]));

ALTER TABLE stats.published_releases OWNER TO binhan_owner;

-- Name: open_releases; Type: VIEW; Schema: stats; Owner: binhan_owner

CREATE VIEW stats.open_releases WITH (security_barrier='true') AS
 SELECT r.id,
    r.scope,
    r.kind,
    r.period_from,
    r.period_to,
    r.state,
    r.definition,
    r.code_lists,
    r.size_from,
    r.closed_at,
    r.sha256,
    r.prepared_role,
    r.published_role,
    r.published_at,
    r.supersedes,
    r.plan_version,
    r.plan,
    r.unlinked,
    r.approved_plan,
    r.approved_sha256,
    r.approved_at,
    r.superseded_by
   FROM stats.published_releases r
  WHERE COALESCE((((r.plan)::jsonb ->> 'public'::text))::boolean, false);

ALTER TABLE stats.open_releases OWNER TO binhan_owner;

-- Name: release_cells; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.release_cells (
    cube_id uuid NOT NULL,
    table_id text NOT NULL,
    "position" integer NOT NULL,
    dims text NOT NULL,
    value bigint NOT NULL,
    lower bigint NOT NULL,
    upper bigint NOT NULL,
    shown boolean NOT NULL,
    CONSTRAINT cell_is_a_multiple_of_five CHECK (((value >= 0) AND ((value % (5)::bigint) = 0))),
    CONSTRAINT cell_lies_in_its_interval CHECK (((lower >= 0) AND (lower <= value) AND (upper >= value))),
    CONSTRAINT cell_under_ten_is_withheld CHECK ((shown = (value >= 10))),
    CONSTRAINT withheld_cell_says_nothing CHECK ((shown OR ((lower = 0) AND (upper >= 9))))
);

ALTER TABLE stats.release_cells OWNER TO binhan_owner;

-- Name: COLUMN release_cells.cube_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells.cube_id IS 'public: the cube';

-- Name: COLUMN release_cells.table_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells.table_id IS 'public: the table';

-- Name: COLUMN release_cells."position"; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells."position" IS 'public: order of printing';

-- Name: COLUMN release_cells.dims; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells.dims IS 'public: which cell';

-- Name: COLUMN release_cells.value; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells.value IS 'public: protected number, a multiple of five';

-- Name: COLUMN release_cells.lower; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells.lower IS 'public: lower end of the interval';

-- Name: COLUMN release_cells.upper; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells.upper IS 'public: upper end of the interval';

-- Name: COLUMN release_cells.shown; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.release_cells.shown IS 'public: false: printed as under 10';

-- Name: published_numbers; Type: VIEW; Schema: stats; Owner: binhan_owner

CREATE VIEW stats.published_numbers WITH (security_barrier='true') AS
 SELECT r.cube_id AS release_id,
    r.table_id,
    r."position",
    r.dims,
    r.value,
    r.lower,
    r.upper,
    r.shown
   FROM (stats.release_cells r
     JOIN stats.cubes c ON ((c.id = r.cube_id)))
  WHERE (c.state = ANY (ARRAY['PUBLISHED'::text, 'SUPERSEDED'::text]));

ALTER TABLE stats.published_numbers OWNER TO binhan_owner;

-- Name: open_numbers; Type: VIEW; Schema: stats; Owner: binhan_owner

CREATE VIEW stats.open_numbers WITH (security_barrier='true') AS
 SELECT n.release_id,
    n.table_id,
    n."position",
    n.dims,
    n.value,
    n.lower,
    n.upper,
    n.shown
   FROM (stats.published_numbers n
     JOIN stats.open_releases r ON ((r.id = n.release_id)));

ALTER TABLE stats.open_numbers OWNER TO binhan_owner;

-- Name: privacy_ledger; Type: TABLE; Schema: stats; Owner: binhan_owner

CREATE TABLE stats.privacy_ledger (
    id bigint NOT NULL,
    cube_id uuid NOT NULL,
    table_id text NOT NULL,
    rho_num bigint NOT NULL,
    rho_den bigint NOT NULL,
    state text NOT NULL,
    attempt integer DEFAULT 1 NOT NULL,
    reason text,
    by_user uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    sensitivity2 smallint DEFAULT 1 NOT NULL,
    CONSTRAINT ledger_pays_for_every_mention CHECK (((sensitivity2 >= 1) AND (sensitivity2 <= 8))),
    CONSTRAINT ledger_resumes_for_a_reason CHECK (((state = 'RESUMED'::text) = (reason IS NOT NULL))),
    CONSTRAINT ledger_spends_something CHECK (((rho_num > 0) AND (rho_den > 0))),
    CONSTRAINT ledger_state_is_known CHECK ((state = ANY (ARRAY['RESERVED'::text, 'RESUMED'::text, 'DONE'::text])))
);

ALTER TABLE stats.privacy_ledger OWNER TO binhan_owner;

-- Name: COLUMN privacy_ledger.id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.id IS 'operational: number';

-- Name: COLUMN privacy_ledger.cube_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.cube_id IS 'public: the cube';

-- Name: COLUMN privacy_ledger.table_id; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.table_id IS 'public: the table';

-- Name: COLUMN privacy_ledger.rho_num; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.rho_num IS 'public: budget spent, numerator';

-- Name: COLUMN privacy_ledger.rho_den; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.rho_den IS 'public: budget spent, denominator';

-- Name: COLUMN privacy_ledger.state; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.state IS 'operational: RESERVED, RESUMED or DONE';

-- Name: COLUMN privacy_ledger.attempt; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.attempt IS 'operational: of which attempt';

-- Name: COLUMN privacy_ledger.reason; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.reason IS 'operational: coded reason of a resumption';

-- Name: COLUMN privacy_ledger.by_user; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.by_user IS 'operational: who';

-- Name: COLUMN privacy_ledger.at; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.at IS 'operational: when';

-- Name: COLUMN privacy_ledger.xact; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.xact IS 'operational: transaction, so that no fact is read before the reserve is committed';

-- Name: COLUMN privacy_ledger.sensitivity2; Type: COMMENT; Schema: stats; Owner: binhan_owner

COMMENT ON COLUMN stats.privacy_ledger.sensitivity2 IS 'public: squared sensitivity that the noise pays for';

-- Name: privacy_ledger_id_seq; Type: SEQUENCE; Schema: stats; Owner: binhan_owner

ALTER TABLE stats.privacy_ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stats.privacy_ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: published_cells; Type: VIEW; Schema: stats; Owner: binhan_owner

CREATE VIEW stats.published_cells WITH (security_barrier='true') AS
 SELECT r.cube_id AS release_id,
    r.table_id,
    r."position",
    r.dims,
        CASE
            WHEN r.shown THEN r.value
            ELSE NULL::bigint
        END AS count,
    r.lower,
    r.upper
   FROM (stats.release_cells r
     JOIN stats.cubes c ON ((c.id = r.cube_id)))
  WHERE (c.state = ANY (ARRAY['PUBLISHED'::text, 'SUPERSEDED'::text]));

ALTER TABLE stats.published_cells OWNER TO binhan_owner;

-- Name: published_errata; Type: VIEW; Schema: stats; Owner: binhan_owner

CREATE VIEW stats.published_errata WITH (security_barrier='true') AS
 SELECT e.id,
    e.cube_id AS release_id,
    e.text,
    e.at
   FROM stats.errata e;

ALTER TABLE stats.published_errata OWNER TO binhan_owner;

-- Name: entries_first; Type: TABLE ATTACH; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.entries ATTACH PARTITION audit.entries_first FOR VALUES FROM (MINVALUE) TO ('2027-01-01 00:00:00+00');

-- Name: entries_other; Type: TABLE ATTACH; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.entries ATTACH PARTITION audit.entries_other DEFAULT;

-- Name: entries id; Type: DEFAULT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.entries ALTER COLUMN id SET DEFAULT nextval('audit.entry_ids'::regclass);

-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (id, at);

-- Name: entries_first entries_first_pkey; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.entries_first
    ADD CONSTRAINT entries_first_pkey PRIMARY KEY (id, at);

-- Name: entries_other entries_other_pkey; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.entries_other
    ADD CONSTRAINT entries_other_pkey PRIMARY KEY (id, at);

-- Name: reviews reviews_pkey; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.reviews
    ADD CONSTRAINT reviews_pkey PRIMARY KEY (id);

-- Name: seals seal_continues_one_seal; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.seals
    ADD CONSTRAINT seal_continues_one_seal UNIQUE (base);

-- Name: seals seals_pkey; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.seals
    ADD CONSTRAINT seals_pkey PRIMARY KEY (size);

-- Name: ties ties_pkey; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.ties
    ADD CONSTRAINT ties_pkey PRIMARY KEY (user_id, case_id, code);

-- Name: watched watched_pkey; Type: CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.watched
    ADD CONSTRAINT watched_pkey PRIMARY KEY (one);

-- Name: buckets buckets_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.buckets
    ADD CONSTRAINT buckets_pkey PRIMARY KEY (key);

-- Name: cards cards_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.cards
    ADD CONSTRAINT cards_pkey PRIMARY KEY (user_id);

-- Name: challenges challenges_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.challenges
    ADD CONSTRAINT challenges_pkey PRIMARY KEY (hash);

-- Name: factors credential_is_unique; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.factors
    ADD CONSTRAINT credential_is_unique UNIQUE (credential);

-- Name: devices device_is_known_once; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.devices
    ADD CONSTRAINT device_is_known_once PRIMARY KEY (user_id, hash);

-- Name: factors factors_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.factors
    ADD CONSTRAINT factors_pkey PRIMARY KEY (id);

-- Name: identities identities_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (id);

-- Name: logout_orders logout_orders_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.logout_orders
    ADD CONSTRAINT logout_orders_pkey PRIMARY KEY (hash);

-- Name: memberships memberships_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (id);

-- Name: proposals proposals_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.proposals
    ADD CONSTRAINT proposals_pkey PRIMARY KEY (id);

-- Name: recovery_codes recovery_code_stands_once; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.recovery_codes
    ADD CONSTRAINT recovery_code_stands_once PRIMARY KEY (user_id, hash);

-- Name: sessions session_id_is_unique; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT session_id_is_unique UNIQUE (id);

-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (handle_hash);

-- Name: setup_codes setup_codes_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.setup_codes
    ADD CONSTRAINT setup_codes_pkey PRIMARY KEY (user_id);

-- Name: users username_is_unique; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.users
    ADD CONSTRAINT username_is_unique UNIQUE (username);

-- Name: users users_pkey; Type: CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

-- Name: drafts drafts_pkey; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (year);

-- Name: editions edition_is_written_once; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.editions
    ADD CONSTRAINT edition_is_written_once PRIMARY KEY (year, version);

-- Name: version_figures figure_stands_once_in_a_version; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.version_figures
    ADD CONSTRAINT figure_stands_once_in_a_version PRIMARY KEY (version_id, key);

-- Name: moves moves_pkey; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.moves
    ADD CONSTRAINT moves_pkey PRIMARY KEY (id);

-- Name: reminders reminders_pkey; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.reminders
    ADD CONSTRAINT reminders_pkey PRIMARY KEY (id);

-- Name: reports reports_pkey; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (unit_id);

-- Name: submissions submission_is_counted_once; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.submissions
    ADD CONSTRAINT submission_is_counted_once UNIQUE (unit_id, number);

-- Name: submissions submissions_pkey; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.submissions
    ADD CONSTRAINT submissions_pkey PRIMARY KEY (id);

-- Name: units unit_code_is_unique_in_its_year; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.units
    ADD CONSTRAINT unit_code_is_unique_in_its_year UNIQUE (year, code);

-- Name: reminders unit_is_reminded_once_a_day; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.reminders
    ADD CONSTRAINT unit_is_reminded_once_a_day UNIQUE (unit_id, on_day);

-- Name: version_units unit_stands_once_in_a_version; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.version_units
    ADD CONSTRAINT unit_stands_once_in_a_version PRIMARY KEY (version_id, unit_id);

-- Name: units units_pkey; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.units
    ADD CONSTRAINT units_pkey PRIMARY KEY (id);

-- Name: versions version_is_counted_once; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.versions
    ADD CONSTRAINT version_is_counted_once UNIQUE (year, number);

-- Name: versions versions_pkey; Type: CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.versions
    ADD CONSTRAINT versions_pkey PRIMARY KEY (id);

-- Name: files files_pkey; Type: CONSTRAINT; Schema: keys; Owner: binhan_owner

ALTER TABLE ONLY keys.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (evidence_id);

-- Name: places places_pkey; Type: CONSTRAINT; Schema: keys; Owner: binhan_owner

ALTER TABLE ONLY keys.places
    ADD CONSTRAINT places_pkey PRIMARY KEY (place);

-- Name: break_glass break_glass_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT break_glass_pkey PRIMARY KEY (id);

-- Name: budget_spent budget_spent_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.budget_spent
    ADD CONSTRAINT budget_spent_pkey PRIMARY KEY (user_id, budget, minute);

-- Name: case_closures case_closures_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_closures
    ADD CONSTRAINT case_closures_pkey PRIMARY KEY (id);

-- Name: cases case_code_is_unique; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT case_code_is_unique UNIQUE (code);

-- Name: case_history case_history_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_history
    ADD CONSTRAINT case_history_pkey PRIMARY KEY (id);

-- Name: case_keys case_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_keys
    ADD CONSTRAINT case_keys_pkey PRIMARY KEY (case_id);

-- Name: case_openings case_openings_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_openings
    ADD CONSTRAINT case_openings_pkey PRIMARY KEY (id);

-- Name: case_seal_names case_seal_names_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seal_names
    ADD CONSTRAINT case_seal_names_pkey PRIMARY KEY (seal_id, user_id);

-- Name: case_seals case_seals_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seals
    ADD CONSTRAINT case_seals_pkey PRIMARY KEY (id);

-- Name: case_standings case_standings_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_standings
    ADD CONSTRAINT case_standings_pkey PRIMARY KEY (id);

-- Name: case_tokens case_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_tokens
    ADD CONSTRAINT case_tokens_pkey PRIMARY KEY (id);

-- Name: case_walls case_walls_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_walls
    ADD CONSTRAINT case_walls_pkey PRIMARY KEY (id);

-- Name: cases cases_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (id);

-- Name: consents consents_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (id);

-- Name: evidence evidence_object_is_used_once; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_object_is_used_once UNIQUE (object);

-- Name: evidence evidence_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (id);

-- Name: goose_db_version goose_db_version_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.goose_db_version
    ADD CONSTRAINT goose_db_version_pkey PRIMARY KEY (id);

-- Name: idempotency idempotency_once; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_once PRIMARY KEY (user_id, key);

-- Name: incidents incidents_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (id);

-- Name: notices notices_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (id);

-- Name: organisations organisation_code_is_unique; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.organisations
    ADD CONSTRAINT organisation_code_is_unique UNIQUE (code);

-- Name: services organisation_offers_a_service_once; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.services
    ADD CONSTRAINT organisation_offers_a_service_once UNIQUE (organisation_id, type);

-- Name: organisations organisations_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.organisations
    ADD CONSTRAINT organisations_pkey PRIMARY KEY (id);

-- Name: referrals referral_code_is_unique; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referral_code_is_unique UNIQUE (code);

-- Name: referral_keys referral_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_keys
    ADD CONSTRAINT referral_keys_pkey PRIMARY KEY (referral_id);

-- Name: referral_moves referral_moves_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_moves
    ADD CONSTRAINT referral_moves_pkey PRIMARY KEY (id);

-- Name: referral_snapshots referral_snapshots_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_snapshots
    ADD CONSTRAINT referral_snapshots_pkey PRIMARY KEY (referral_id);

-- Name: referral_talk_keys referral_talk_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_talk_keys
    ADD CONSTRAINT referral_talk_keys_pkey PRIMARY KEY (referral_id);

-- Name: referrals referrals_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_pkey PRIMARY KEY (id);

-- Name: import_rows register_row_is_taken_once; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.import_rows
    ADD CONSTRAINT register_row_is_taken_once PRIMARY KEY (mapping, token);

-- Name: services services_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.services
    ADD CONSTRAINT services_pkey PRIMARY KEY (id);

-- Name: shelter_addresses shelter_addresses_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.shelter_addresses
    ADD CONSTRAINT shelter_addresses_pkey PRIMARY KEY (organisation_id);

-- Name: survivors survivors_pkey; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.survivors
    ADD CONSTRAINT survivors_pkey PRIMARY KEY (case_id);

-- Name: case_history version_was_corrected_once; Type: CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_history
    ADD CONSTRAINT version_was_corrected_once UNIQUE (case_id, version);

-- Name: handovers a_copy_is_handed_over_once; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.handovers
    ADD CONSTRAINT a_copy_is_handed_over_once UNIQUE (copy_id);

-- Name: agreements agreement_is_recorded_once; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.agreements
    ADD CONSTRAINT agreement_is_recorded_once UNIQUE (organisation_id, number);

-- Name: agreements agreements_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.agreements
    ADD CONSTRAINT agreements_pkey PRIMARY KEY (id);

-- Name: breaches breach_code_is_unique; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breaches
    ADD CONSTRAINT breach_code_is_unique UNIQUE (code);

-- Name: breach_keys breach_keys_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breach_keys
    ADD CONSTRAINT breach_keys_pkey PRIMARY KEY (breach_id);

-- Name: breach_minutes breach_minutes_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breach_minutes
    ADD CONSTRAINT breach_minutes_pkey PRIMARY KEY (id);

-- Name: breaches breaches_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breaches
    ADD CONSTRAINT breaches_pkey PRIMARY KEY (id);

-- Name: copies copies_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.copies
    ADD CONSTRAINT copies_pkey PRIMARY KEY (id);

-- Name: erasures erasure_code_is_unique; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasure_code_is_unique UNIQUE (code);

-- Name: erasures erasures_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (id);

-- Name: handovers handovers_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.handovers
    ADD CONSTRAINT handovers_pkey PRIMARY KEY (id);

-- Name: holds holds_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (id);

-- Name: requests request_code_is_unique; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.requests
    ADD CONSTRAINT request_code_is_unique UNIQUE (code);

-- Name: request_corrections request_corrections_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_corrections
    ADD CONSTRAINT request_corrections_pkey PRIMARY KEY (request_id, correction_id);

-- Name: request_keys request_keys_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_keys
    ADD CONSTRAINT request_keys_pkey PRIMARY KEY (request_id);

-- Name: request_moves request_moves_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_moves
    ADD CONSTRAINT request_moves_pkey PRIMARY KEY (id);

-- Name: requests requests_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (id);

-- Name: restrictions restrictions_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.restrictions
    ADD CONSTRAINT restrictions_pkey PRIMARY KEY (id);

-- Name: terms terms_pkey; Type: CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (case_id);

-- Name: release_cells cell_has_one_number; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.release_cells
    ADD CONSTRAINT cell_has_one_number UNIQUE (cube_id, table_id, dims);

-- Name: release_cells cell_is_printed_once; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.release_cells
    ADD CONSTRAINT cell_is_printed_once PRIMARY KEY (cube_id, table_id, "position");

-- Name: cubes cube_is_made_once; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.cubes
    ADD CONSTRAINT cube_is_made_once UNIQUE (scope, period_from, period_to, kind);

-- Name: cubes cubes_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.cubes
    ADD CONSTRAINT cubes_pkey PRIMARY KEY (id);

-- Name: errata errata_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.errata
    ADD CONSTRAINT errata_pkey PRIMARY KEY (id);

-- Name: fact_corrections fact_corrections_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.fact_corrections
    ADD CONSTRAINT fact_corrections_pkey PRIMARY KEY (fact_ref);

-- Name: facts facts_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (fact_ref);

-- Name: late_facts late_facts_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.late_facts
    ADD CONSTRAINT late_facts_pkey PRIMARY KEY (fact_ref);

-- Name: privacy_ledger ledger_says_a_thing_once; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.privacy_ledger
    ADD CONSTRAINT ledger_says_a_thing_once UNIQUE (cube_id, table_id, state, attempt);

-- Name: links links_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (fact_ref);

-- Name: noisy_measurements measurement_is_drawn_once; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.noisy_measurements
    ADD CONSTRAINT measurement_is_drawn_once PRIMARY KEY (cube_id, table_id, cell);

-- Name: release_plans plan_is_kept_once; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.release_plans
    ADD CONSTRAINT plan_is_kept_once UNIQUE (sha256);

-- Name: plan_versions plan_version_is_kept_once; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.plan_versions
    ADD CONSTRAINT plan_version_is_kept_once UNIQUE (sha256);

-- Name: plan_versions plan_version_is_named_once; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.plan_versions
    ADD CONSTRAINT plan_version_is_named_once UNIQUE (version);

-- Name: plan_versions plan_versions_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.plan_versions
    ADD CONSTRAINT plan_versions_pkey PRIMARY KEY (id);

-- Name: privacy_ledger privacy_ledger_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.privacy_ledger
    ADD CONSTRAINT privacy_ledger_pkey PRIMARY KEY (id);

-- Name: release_plans release_plans_pkey; Type: CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.release_plans
    ADD CONSTRAINT release_plans_pkey PRIMARY KEY (id);

-- Name: entries_by_actor; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_by_actor ON ONLY audit.entries USING btree (actor, id DESC);

-- Name: entries_by_case; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_by_case ON ONLY audit.entries USING btree (case_id, id DESC) WHERE (case_id IS NOT NULL);

-- Name: entries_by_time; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_by_time ON ONLY audit.entries USING brin (at);

-- Name: entries_by_xact; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_by_xact ON ONLY audit.entries USING btree (xact, case_id);

-- Name: entries_first_at_idx; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_first_at_idx ON audit.entries_first USING brin (at);

-- Name: entries_first_by_actor; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_first_by_actor ON audit.entries_first USING btree (actor, id DESC);

-- Name: entries_first_by_case; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_first_by_case ON audit.entries_first USING btree (case_id, id DESC) WHERE (case_id IS NOT NULL);

-- Name: entries_first_by_xact; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_first_by_xact ON audit.entries_first USING btree (xact, case_id);

-- Name: entries_other_actor_id_idx; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_other_actor_id_idx ON audit.entries_other USING btree (actor, id DESC);

-- Name: entries_other_at_idx; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_other_at_idx ON audit.entries_other USING brin (at);

-- Name: entries_other_case_id_id_idx; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_other_case_id_id_idx ON audit.entries_other USING btree (case_id, id DESC) WHERE (case_id IS NOT NULL);

-- Name: entries_other_xact_case_id_idx; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX entries_other_xact_case_id_idx ON audit.entries_other USING btree (xact, case_id);

-- Name: reviews_of_finding; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX reviews_of_finding ON audit.reviews USING btree (finding, id DESC);

-- Name: ties_of_case; Type: INDEX; Schema: audit; Owner: binhan_owner

CREATE INDEX ties_of_case ON audit.ties USING btree (case_id);

-- Name: buckets_by_end; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX buckets_by_end ON auth.buckets USING btree (until);

-- Name: buckets_of_user; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX buckets_of_user ON auth.buckets USING btree (user_id) WHERE (user_id IS NOT NULL);

-- Name: challenges_by_end; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX challenges_by_end ON auth.challenges USING btree (expires_at);

-- Name: factors_of_user; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX factors_of_user ON auth.factors USING btree (user_id) WHERE (removed_at IS NULL);

-- Name: logout_orders_by_end; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX logout_orders_by_end ON auth.logout_orders USING btree (expires_at);

-- Name: memberships_of_user; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX memberships_of_user ON auth.memberships USING btree (user_id);

-- Name: one_link_of_an_issuer; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE UNIQUE INDEX one_link_of_an_issuer ON auth.identities USING btree (user_id, issuer) WHERE (removed_at IS NULL);

-- Name: proposal_waits_once; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE UNIQUE INDEX proposal_waits_once ON auth.proposals USING btree (kind, COALESCE((user_id)::text, username)) WHERE (decided_at IS NULL);

-- Name: sessions_of_provider; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX sessions_of_provider ON auth.sessions USING btree (provider_session) WHERE ((provider_session IS NOT NULL) AND (ended_at IS NULL));

-- Name: sessions_of_user; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE INDEX sessions_of_user ON auth.sessions USING btree (user_id) WHERE (ended_at IS NULL);

-- Name: subject_is_linked_once; Type: INDEX; Schema: auth; Owner: binhan_owner

CREATE UNIQUE INDEX subject_is_linked_once ON auth.identities USING btree (subject) WHERE (removed_at IS NULL);

-- Name: moves_of_unit; Type: INDEX; Schema: campaign; Owner: binhan_owner

CREATE INDEX moves_of_unit ON campaign.moves USING btree (unit_id, at);

-- Name: units_of_organisation; Type: INDEX; Schema: campaign; Owner: binhan_owner

CREATE INDEX units_of_organisation ON campaign.units USING btree (organisation_id) WHERE (organisation_id IS NOT NULL);

-- Name: version_is_in_force_alone; Type: INDEX; Schema: campaign; Owner: binhan_owner

CREATE UNIQUE INDEX version_is_in_force_alone ON campaign.versions USING btree (year) WHERE (state = 'PUBLISHED'::text);

-- Name: version_waits_alone; Type: INDEX; Schema: campaign; Owner: binhan_owner

CREATE UNIQUE INDEX version_waits_alone ON campaign.versions USING btree (year) WHERE (state = ANY (ARRAY['PREPARED'::text, 'APPROVED'::text]));

-- Name: break_glass_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX break_glass_of_case ON public.break_glass USING btree (case_id);

-- Name: break_glass_of_user; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX break_glass_of_user ON public.break_glass USING btree (user_id, opened_at DESC);

-- Name: closures_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX closures_of_case ON public.case_closures USING btree (case_id, at);

-- Name: consents_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX consents_of_case ON public.consents USING btree (case_id);

-- Name: evidence_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX evidence_of_case ON public.evidence USING btree (case_id);

-- Name: incidents_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX incidents_of_case ON public.incidents USING btree (case_id);

-- Name: moves_of_referral; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX moves_of_referral ON public.referral_moves USING btree (referral_id, at);

-- Name: notices_of_recipient; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX notices_of_recipient ON public.notices USING btree (recipient, at DESC, id);

-- Name: openings_by_time; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX openings_by_time ON public.case_openings USING btree (user_id, at);

-- Name: openings_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX openings_of_case ON public.case_openings USING btree (user_id, case_id, at);

-- Name: referrals_are_forwarded_once; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE UNIQUE INDEX referrals_are_forwarded_once ON public.referrals USING btree (forwarded_from) WHERE (forwarded_from IS NOT NULL);

-- Name: referrals_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX referrals_of_case ON public.referrals USING btree (case_id);

-- Name: referrals_one_open_per_receiver; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE UNIQUE INDEX referrals_one_open_per_receiver ON public.referrals USING btree (case_id, to_org, service) WHERE (status = ANY (ARRAY['SENT'::text, 'RECEIVED'::text, 'INFO_REQUESTED'::text, 'ESCALATED'::text, 'ACCEPTED'::text, 'IN_SERVICE'::text]));

-- Name: referrals_waiting; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX referrals_waiting ON public.referrals USING btree (to_org, status, due_acknowledge);

-- Name: seal_stands_once; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE UNIQUE INDEX seal_stands_once ON public.case_seals USING btree (case_id) WHERE (lifted_at IS NULL);

-- Name: standings_by_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX standings_by_case ON public.case_standings USING btree (case_id, holder);

-- Name: standings_by_holder; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX standings_by_holder ON public.case_standings USING btree (holder, case_id DESC) INCLUDE (standing, referral_id, until);

-- Name: standings_by_referral; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX standings_by_referral ON public.case_standings USING btree (referral_id) WHERE (referral_id IS NOT NULL);

-- Name: standings_once; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE UNIQUE INDEX standings_once ON public.case_standings USING btree (case_id, standing, holder) WHERE ((referral_id IS NULL) AND (until IS NULL));

-- Name: tokens_equal; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX tokens_equal ON public.case_tokens USING btree (token, kind);

-- Name: tokens_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX tokens_of_case ON public.case_tokens USING btree (case_id);

-- Name: wall_stands_once; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE UNIQUE INDEX wall_stands_once ON public.case_walls USING btree (user_id, case_id) WHERE (lifted_at IS NULL);

-- Name: walls_of_case; Type: INDEX; Schema: public; Owner: binhan_owner

CREATE INDEX walls_of_case ON public.case_walls USING btree (case_id);

-- Name: case_is_erased_once; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE UNIQUE INDEX case_is_erased_once ON rights.erasures USING btree (case_id) WHERE (state <> 'REFUSED'::text);

-- Name: case_is_held_once; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE UNIQUE INDEX case_is_held_once ON rights.holds USING btree (case_id, ground) WHERE (lifted_at IS NULL);

-- Name: case_is_restricted_once; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE UNIQUE INDEX case_is_restricted_once ON rights.restrictions USING btree (case_id) WHERE (lifted_at IS NULL);

-- Name: copies_of_case; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE INDEX copies_of_case ON rights.copies USING btree (case_id);

-- Name: handovers_of_case; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE INDEX handovers_of_case ON rights.handovers USING btree (case_id);

-- Name: minutes_of_breach; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE INDEX minutes_of_breach ON rights.breach_minutes USING btree (breach_id, at);

-- Name: moves_of_request; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE INDEX moves_of_request ON rights.request_moves USING btree (request_id, at);

-- Name: request_corrections_of_correction; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE INDEX request_corrections_of_correction ON rights.request_corrections USING btree (correction_id);

-- Name: request_is_asked_once; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE UNIQUE INDEX request_is_asked_once ON rights.requests USING btree (case_id, kind) WHERE ((ended_at IS NULL) AND (case_id IS NOT NULL));

-- Name: requests_of_case; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE INDEX requests_of_case ON rights.requests USING btree (case_id);

-- Name: requests_open; Type: INDEX; Schema: rights; Owner: binhan_owner

CREATE INDEX requests_open ON rights.requests USING btree (due_act) WHERE (ended_at IS NULL);

-- Name: facts_by_day; Type: INDEX; Schema: stats; Owner: binhan_owner

CREATE INDEX facts_by_day ON stats.facts USING brin (received_on);

-- Name: ledger_draws_once; Type: INDEX; Schema: stats; Owner: binhan_owner

CREATE UNIQUE INDEX ledger_draws_once ON stats.privacy_ledger USING btree (cube_id, table_id) WHERE (state = 'DONE'::text);

-- Name: ledger_reserves_once; Type: INDEX; Schema: stats; Owner: binhan_owner

CREATE UNIQUE INDEX ledger_reserves_once ON stats.privacy_ledger USING btree (cube_id, table_id) WHERE (state = 'RESERVED'::text);

-- Name: links_by_token; Type: INDEX; Schema: stats; Owner: binhan_owner

CREATE INDEX links_by_token ON stats.links USING btree (token);

-- Name: entries_first_at_idx; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_time ATTACH PARTITION audit.entries_first_at_idx;

-- Name: entries_first_by_actor; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_actor ATTACH PARTITION audit.entries_first_by_actor;

-- Name: entries_first_by_case; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_case ATTACH PARTITION audit.entries_first_by_case;

-- Name: entries_first_by_xact; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_xact ATTACH PARTITION audit.entries_first_by_xact;

-- Name: entries_first_pkey; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_pkey ATTACH PARTITION audit.entries_first_pkey;

-- Name: entries_other_actor_id_idx; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_actor ATTACH PARTITION audit.entries_other_actor_id_idx;

-- Name: entries_other_at_idx; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_time ATTACH PARTITION audit.entries_other_at_idx;

-- Name: entries_other_case_id_id_idx; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_case ATTACH PARTITION audit.entries_other_case_id_id_idx;

-- Name: entries_other_pkey; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_pkey ATTACH PARTITION audit.entries_other_pkey;

-- Name: entries_other_xact_case_id_idx; Type: INDEX ATTACH; Schema: audit; Owner: binhan_owner

ALTER INDEX audit.entries_by_xact ATTACH PARTITION audit.entries_other_xact_case_id_idx;

-- Name: entries record_is_never_changed; Type: TRIGGER; Schema: audit; Owner: binhan_owner

CREATE TRIGGER record_is_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.entries FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Name: entries_first record_is_never_changed; Type: TRIGGER; Schema: audit; Owner: binhan_owner

CREATE TRIGGER record_is_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.entries_first FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Name: entries_other record_is_never_changed; Type: TRIGGER; Schema: audit; Owner: binhan_owner

CREATE TRIGGER record_is_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.entries_other FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Name: reviews record_is_never_changed; Type: TRIGGER; Schema: audit; Owner: binhan_owner

CREATE TRIGGER record_is_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.reviews FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Name: seals record_is_never_changed; Type: TRIGGER; Schema: audit; Owner: binhan_owner

CREATE TRIGGER record_is_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.seals FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- Name: reports draft_is_open; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER draft_is_open BEFORE UPDATE ON campaign.reports FOR EACH ROW EXECUTE FUNCTION campaign.check_draft();

-- Name: editions edition_follows_the_last; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER edition_follows_the_last BEFORE INSERT ON campaign.editions FOR EACH ROW EXECUTE FUNCTION campaign.check_edition();

-- Name: editions editions_are_never_changed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER editions_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON campaign.editions FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: version_figures figure_is_published; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER figure_is_published BEFORE INSERT ON campaign.version_figures FOR EACH ROW EXECUTE FUNCTION campaign.check_figure();

-- Name: moves moves_are_never_changed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER moves_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON campaign.moves FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: reminders reminders_are_never_changed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER reminders_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON campaign.reminders FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: moves report_moves_legally; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER report_moves_legally BEFORE INSERT ON campaign.moves FOR EACH ROW EXECUTE FUNCTION campaign.move_report();

-- Name: reports reports_are_never_removed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER reports_are_never_removed BEFORE DELETE OR TRUNCATE ON campaign.reports FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: submissions submission_tells_the_truth; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER submission_tells_the_truth BEFORE INSERT ON campaign.submissions FOR EACH ROW EXECUTE FUNCTION campaign.check_submission();

-- Name: submissions submissions_are_never_changed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER submissions_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON campaign.submissions FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: units unit_has_a_report; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER unit_has_a_report AFTER INSERT ON campaign.units FOR EACH ROW EXECUTE FUNCTION campaign.begin_report();

-- Name: version_figures version_figures_are_never_changed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER version_figures_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON campaign.version_figures FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: versions version_moves_legally; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER version_moves_legally BEFORE INSERT OR UPDATE ON campaign.versions FOR EACH ROW EXECUTE FUNCTION campaign.check_version();

-- Name: version_units version_units_are_never_changed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER version_units_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON campaign.version_units FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: versions versions_are_never_removed; Type: TRIGGER; Schema: campaign; Owner: binhan_owner

CREATE TRIGGER versions_are_never_removed BEFORE DELETE OR TRUNCATE ON campaign.versions FOR EACH STATEMENT EXECUTE FUNCTION campaign.refuse_change();

-- Name: break_glass break_glass_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER break_glass_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.break_glass DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_closures case_closures_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_closures_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_closures DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_history case_history_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_history_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_history DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_history case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE INSERT ON public.case_history FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: cases case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE UPDATE ON public.cases FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: consents case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE INSERT OR UPDATE ON public.consents FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: evidence case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE INSERT ON public.evidence FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: incidents case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE INSERT OR UPDATE ON public.incidents FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: referral_moves case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE INSERT ON public.referral_moves FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: referrals case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE INSERT OR UPDATE OF status ON public.referrals FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: survivors case_is_free; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER case_is_free BEFORE UPDATE ON public.survivors FOR EACH ROW EXECUTE FUNCTION rights.must_be_free();

-- Name: case_keys case_keys_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_keys_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_openings case_openings_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_openings_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_openings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_seals case_seals_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_seals_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_seals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_standings case_standings_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_standings_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_standings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_tokens case_tokens_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_tokens_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_tokens DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_walls case_walls_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER case_walls_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.case_walls DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: cases cases_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER cases_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.cases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_closures closures_are_never_changed; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER closures_are_never_changed BEFORE DELETE OR UPDATE ON public.case_closures FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: consents consent_is_withdrawn_once; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER consent_is_withdrawn_once BEFORE UPDATE OF withdrawn_at ON public.consents FOR EACH ROW EXECUTE FUNCTION standing.withdraw_once();

-- Name: consents consents_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER consents_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.consents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: evidence custody_is_linked; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER custody_is_linked AFTER INSERT ON public.evidence FOR EACH ROW EXECUTE FUNCTION audit.link_custody();

-- Name: evidence evidence_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER evidence_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.evidence DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: case_history history_is_never_changed; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER history_is_never_changed BEFORE DELETE OR UPDATE ON public.case_history FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: incidents incidents_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER incidents_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.incidents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: notices notices_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER notices_change_is_recorded AFTER INSERT ON public.notices DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.case_id IS NOT NULL)) EXECUTE FUNCTION audit.must_be_recorded();

-- Name: referrals referral_access_follows_status; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER referral_access_follows_status AFTER UPDATE OF status ON public.referrals FOR EACH ROW EXECUTE FUNCTION standing.follow_status();

-- Name: referral_keys referral_keys_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER referral_keys_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.referral_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: referral_moves referral_moves_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER referral_moves_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.referral_moves DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: referrals referral_moves_legally; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE TRIGGER referral_moves_legally BEFORE UPDATE OF status ON public.referrals FOR EACH ROW EXECUTE FUNCTION standing.move_legally();

-- Name: referral_snapshots referral_snapshots_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER referral_snapshots_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.referral_snapshots DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: referral_talk_keys referral_talk_keys_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER referral_talk_keys_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.referral_talk_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: referrals referrals_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER referrals_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.referrals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: survivors survivors_change_is_recorded; Type: TRIGGER; Schema: public; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER survivors_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON public.survivors DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: breaches breach_moves_legally; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER breach_moves_legally BEFORE UPDATE ON rights.breaches FOR EACH ROW EXECUTE FUNCTION rights.breach_moves_legally();

-- Name: breaches breaches_are_never_removed; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER breaches_are_never_removed BEFORE DELETE ON rights.breaches FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: copies copies_are_never_changed; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER copies_are_never_changed BEFORE DELETE OR UPDATE ON rights.copies FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: copies copies_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER copies_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON rights.copies DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: erasures erasures_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER erasures_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON rights.erasures DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: handovers handovers_are_never_changed; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER handovers_are_never_changed BEFORE DELETE OR UPDATE ON rights.handovers FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: handovers handovers_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER handovers_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON rights.handovers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: holds hold_is_lifted_once; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER hold_is_lifted_once BEFORE UPDATE ON rights.holds FOR EACH ROW EXECUTE FUNCTION rights.lifted_once();

-- Name: holds holds_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER holds_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON rights.holds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: breach_minutes minutes_are_never_changed; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER minutes_are_never_changed BEFORE DELETE OR UPDATE ON rights.breach_minutes FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: request_moves moves_are_never_changed; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER moves_are_never_changed BEFORE DELETE OR UPDATE ON rights.request_moves FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: request_keys request_keys_change_and_end_are_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER request_keys_change_and_end_are_recorded AFTER DELETE OR UPDATE ON rights.request_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.case_id IS NOT NULL)) EXECUTE FUNCTION audit.must_be_recorded();

-- Name: request_keys request_keys_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER request_keys_change_is_recorded AFTER INSERT ON rights.request_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.case_id IS NOT NULL)) EXECUTE FUNCTION audit.must_be_recorded();

-- Name: request_moves request_moves_change_and_end_are_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER request_moves_change_and_end_are_recorded AFTER DELETE OR UPDATE ON rights.request_moves DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.case_id IS NOT NULL)) EXECUTE FUNCTION audit.must_be_recorded();

-- Name: request_moves request_moves_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER request_moves_change_is_recorded AFTER INSERT ON rights.request_moves DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.case_id IS NOT NULL)) EXECUTE FUNCTION audit.must_be_recorded();

-- Name: requests request_moves_legally; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER request_moves_legally BEFORE UPDATE ON rights.requests FOR EACH ROW WHEN ((CURRENT_USER <> 'binhan_keeper'::name)) EXECUTE FUNCTION rights.request_moves_legally();

-- Name: requests requests_are_never_removed; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER requests_are_never_removed BEFORE DELETE ON rights.requests FOR EACH ROW EXECUTE FUNCTION rights.refuse_change();

-- Name: requests requests_change_and_end_are_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER requests_change_and_end_are_recorded AFTER DELETE OR UPDATE ON rights.requests DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.case_id IS NOT NULL)) EXECUTE FUNCTION audit.must_be_recorded();

-- Name: requests requests_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER requests_change_is_recorded AFTER INSERT ON rights.requests DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.case_id IS NOT NULL)) EXECUTE FUNCTION audit.must_be_recorded();

-- Name: restrictions restriction_is_lifted_once; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER restriction_is_lifted_once BEFORE UPDATE ON rights.restrictions FOR EACH ROW EXECUTE FUNCTION rights.lifted_once();

-- Name: restrictions restriction_waits_for_writers; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE TRIGGER restriction_waits_for_writers BEFORE INSERT ON rights.restrictions FOR EACH ROW EXECUTE FUNCTION rights.wait_for_writers();

-- Name: restrictions restrictions_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER restrictions_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON rights.restrictions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: terms terms_change_is_recorded; Type: TRIGGER; Schema: rights; Owner: binhan_owner

CREATE CONSTRAINT TRIGGER terms_change_is_recorded AFTER INSERT OR DELETE OR UPDATE ON rights.terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.must_be_recorded();

-- Name: release_cells cell_enters_while_preparing; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER cell_enters_while_preparing AFTER INSERT ON stats.release_cells REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stats.check_cells();

-- Name: release_cells cells_are_never_changed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER cells_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON stats.release_cells FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: facts counted_fact_stays; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER counted_fact_stays BEFORE DELETE OR UPDATE ON stats.facts FOR EACH ROW WHEN (((old.cube_id IS NOT NULL) OR (old.quarter_id IS NOT NULL))) EXECUTE FUNCTION stats.check_frozen();

-- Name: late_facts counted_late_fact_stays; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER counted_late_fact_stays BEFORE DELETE OR UPDATE ON stats.late_facts FOR EACH ROW WHEN ((old.cube_id IS NOT NULL)) EXECUTE FUNCTION stats.check_frozen_late();

-- Name: cubes cube_moves; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER cube_moves BEFORE INSERT OR UPDATE ON stats.cubes FOR EACH ROW EXECUTE FUNCTION stats.check_cube();

-- Name: cubes cubes_are_never_removed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER cubes_are_never_removed BEFORE DELETE OR TRUNCATE ON stats.cubes FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: errata errata_are_never_changed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER errata_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON stats.errata FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: errata erratum_is_signed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER erratum_is_signed BEFORE INSERT ON stats.errata FOR EACH ROW EXECUTE FUNCTION stats.check_erratum();

-- Name: facts facts_are_never_emptied; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER facts_are_never_emptied BEFORE TRUNCATE ON stats.facts FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: late_facts late_facts_are_never_emptied; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER late_facts_are_never_emptied BEFORE TRUNCATE ON stats.late_facts FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: privacy_ledger ledger_is_never_changed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER ledger_is_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON stats.privacy_ledger FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: privacy_ledger ledger_stays_below_the_cap; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER ledger_stays_below_the_cap BEFORE INSERT ON stats.privacy_ledger FOR EACH ROW EXECUTE FUNCTION stats.check_ledger();

-- Name: noisy_measurements measurement_was_reserved; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER measurement_was_reserved AFTER INSERT ON stats.noisy_measurements REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stats.check_measurements();

-- Name: noisy_measurements measurements_are_never_changed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER measurements_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON stats.noisy_measurements FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: release_plans plan_is_approved_not_changed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER plan_is_approved_not_changed BEFORE INSERT OR UPDATE ON stats.release_plans FOR EACH ROW EXECUTE FUNCTION stats.check_plan();

-- Name: plan_versions plan_version_is_approved_not_changed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER plan_version_is_approved_not_changed BEFORE INSERT OR UPDATE ON stats.plan_versions FOR EACH ROW EXECUTE FUNCTION stats.check_plan_version();

-- Name: plan_versions plan_versions_are_never_removed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER plan_versions_are_never_removed BEFORE DELETE OR TRUNCATE ON stats.plan_versions FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: release_plans plans_are_never_removed; Type: TRIGGER; Schema: stats; Owner: binhan_owner

CREATE TRIGGER plans_are_never_removed BEFORE DELETE OR TRUNCATE ON stats.release_plans FOR EACH STATEMENT EXECUTE FUNCTION stats.refuse_change();

-- Name: reviews reviews_by_user_fkey; Type: FK CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.reviews
    ADD CONSTRAINT reviews_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: ties ties_user_id_fkey; Type: FK CONSTRAINT; Schema: audit; Owner: binhan_owner

ALTER TABLE ONLY audit.ties
    ADD CONSTRAINT ties_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: buckets buckets_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.buckets
    ADD CONSTRAINT buckets_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: cards cards_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.cards
    ADD CONSTRAINT cards_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: challenges challenges_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.challenges
    ADD CONSTRAINT challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: devices devices_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.devices
    ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: factors factors_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.factors
    ADD CONSTRAINT factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: identities identities_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.identities
    ADD CONSTRAINT identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: memberships memberships_organisation_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.memberships
    ADD CONSTRAINT memberships_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: memberships memberships_supervisor_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.memberships
    ADD CONSTRAINT memberships_supervisor_fkey FOREIGN KEY (supervisor) REFERENCES auth.users(id);

-- Name: memberships memberships_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: proposals proposals_decided_by_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.proposals
    ADD CONSTRAINT proposals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES auth.users(id);

-- Name: proposals proposals_organisation_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.proposals
    ADD CONSTRAINT proposals_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: proposals proposals_proposed_by_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.proposals
    ADD CONSTRAINT proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES auth.users(id);

-- Name: proposals proposals_supervisor_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.proposals
    ADD CONSTRAINT proposals_supervisor_fkey FOREIGN KEY (supervisor) REFERENCES auth.users(id);

-- Name: proposals proposals_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.proposals
    ADD CONSTRAINT proposals_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: recovery_codes recovery_codes_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.recovery_codes
    ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: sessions sessions_identity_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_identity_fkey FOREIGN KEY (identity) REFERENCES auth.identities(id);

-- Name: sessions sessions_membership_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES auth.memberships(id);

-- Name: sessions sessions_organisation_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: sessions sessions_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: setup_codes setup_codes_made_by_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.setup_codes
    ADD CONSTRAINT setup_codes_made_by_fkey FOREIGN KEY (made_by) REFERENCES auth.users(id);

-- Name: setup_codes setup_codes_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: binhan_owner

ALTER TABLE ONLY auth.setup_codes
    ADD CONSTRAINT setup_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: drafts drafts_updated_by_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.drafts
    ADD CONSTRAINT drafts_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES auth.users(id);

-- Name: editions editions_by_user_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.editions
    ADD CONSTRAINT editions_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: moves moves_by_user_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.moves
    ADD CONSTRAINT moves_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: moves moves_submission_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.moves
    ADD CONSTRAINT moves_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES campaign.submissions(id);

-- Name: moves moves_unit_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.moves
    ADD CONSTRAINT moves_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES campaign.units(id);

-- Name: reminders reminders_by_user_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.reminders
    ADD CONSTRAINT reminders_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: reminders reminders_unit_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.reminders
    ADD CONSTRAINT reminders_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES campaign.units(id);

-- Name: reports reports_unit_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.reports
    ADD CONSTRAINT reports_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES campaign.units(id);

-- Name: reports reports_updated_by_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.reports
    ADD CONSTRAINT reports_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES auth.users(id);

-- Name: submissions submissions_by_user_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.submissions
    ADD CONSTRAINT submissions_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: submissions submissions_unit_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.submissions
    ADD CONSTRAINT submissions_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES campaign.units(id);

-- Name: units units_organisation_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.units
    ADD CONSTRAINT units_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: version_figures version_figures_version_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.version_figures
    ADD CONSTRAINT version_figures_version_id_fkey FOREIGN KEY (version_id) REFERENCES campaign.versions(id);

-- Name: version_units version_units_submission_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.version_units
    ADD CONSTRAINT version_units_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES campaign.submissions(id);

-- Name: version_units version_units_unit_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.version_units
    ADD CONSTRAINT version_units_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES campaign.units(id);

-- Name: version_units version_units_version_id_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.version_units
    ADD CONSTRAINT version_units_version_id_fkey FOREIGN KEY (version_id) REFERENCES campaign.versions(id);

-- Name: versions versions_decided_by_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.versions
    ADD CONSTRAINT versions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES auth.users(id);

-- Name: versions versions_prepared_by_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.versions
    ADD CONSTRAINT versions_prepared_by_fkey FOREIGN KEY (prepared_by) REFERENCES auth.users(id);

-- Name: versions versions_published_by_fkey; Type: FK CONSTRAINT; Schema: campaign; Owner: binhan_owner

ALTER TABLE ONLY campaign.versions
    ADD CONSTRAINT versions_published_by_fkey FOREIGN KEY (published_by) REFERENCES auth.users(id);

-- Name: files files_evidence_fkey; Type: FK CONSTRAINT; Schema: keys; Owner: binhan_owner

ALTER TABLE ONLY keys.files
    ADD CONSTRAINT files_evidence_fkey FOREIGN KEY (evidence_id) REFERENCES public.evidence(id) ON DELETE CASCADE;

-- Name: break_glass break_glass_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT break_glass_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: break_glass break_glass_organisation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT break_glass_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: break_glass break_glass_reviewed_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT break_glass_reviewed_by_fkey FOREIGN KEY (reviewed_by) REFERENCES auth.users(id);

-- Name: break_glass break_glass_safety_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT break_glass_safety_by_fkey FOREIGN KEY (safety_by) REFERENCES auth.users(id);

-- Name: break_glass break_glass_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.break_glass
    ADD CONSTRAINT break_glass_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: budget_spent budget_spent_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.budget_spent
    ADD CONSTRAINT budget_spent_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: case_closures case_closures_by_user_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_closures
    ADD CONSTRAINT case_closures_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: case_closures case_closures_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_closures
    ADD CONSTRAINT case_closures_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_history case_history_by_user_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_history
    ADD CONSTRAINT case_history_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: case_history case_history_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_history
    ADD CONSTRAINT case_history_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_keys case_keys_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_keys
    ADD CONSTRAINT case_keys_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_openings case_openings_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_openings
    ADD CONSTRAINT case_openings_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_openings case_openings_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_openings
    ADD CONSTRAINT case_openings_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: case_seal_names case_seal_names_seal_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seal_names
    ADD CONSTRAINT case_seal_names_seal_id_fkey FOREIGN KEY (seal_id) REFERENCES public.case_seals(id);

-- Name: case_seal_names case_seal_names_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seal_names
    ADD CONSTRAINT case_seal_names_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: case_seals case_seals_asked_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seals
    ADD CONSTRAINT case_seals_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES auth.users(id);

-- Name: case_seals case_seals_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seals
    ADD CONSTRAINT case_seals_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_seals case_seals_lift_asked_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seals
    ADD CONSTRAINT case_seals_lift_asked_by_fkey FOREIGN KEY (lift_asked_by) REFERENCES auth.users(id);

-- Name: case_seals case_seals_second_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_seals
    ADD CONSTRAINT case_seals_second_fkey FOREIGN KEY (second) REFERENCES auth.users(id);

-- Name: case_standings case_standings_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_standings
    ADD CONSTRAINT case_standings_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_standings case_standings_granted_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_standings
    ADD CONSTRAINT case_standings_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES auth.users(id);

-- Name: case_standings case_standings_referral_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_standings
    ADD CONSTRAINT case_standings_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES public.referrals(id);

-- Name: case_tokens case_tokens_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_tokens
    ADD CONSTRAINT case_tokens_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_walls case_walls_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_walls
    ADD CONSTRAINT case_walls_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: case_walls case_walls_set_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_walls
    ADD CONSTRAINT case_walls_set_by_fkey FOREIGN KEY (set_by) REFERENCES auth.users(id);

-- Name: case_walls case_walls_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.case_walls
    ADD CONSTRAINT case_walls_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: cases cases_organisation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: cases cases_owner_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.cases
    ADD CONSTRAINT cases_owner_fkey FOREIGN KEY (owner) REFERENCES auth.users(id);

-- Name: consents consents_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: consents consents_recipient_org_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_recipient_org_fkey FOREIGN KEY (recipient_org) REFERENCES public.organisations(id);

-- Name: evidence evidence_added_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_added_by_fkey FOREIGN KEY (added_by) REFERENCES auth.users(id);

-- Name: evidence evidence_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: idempotency idempotency_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id);

-- Name: import_rows import_rows_imported_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.import_rows
    ADD CONSTRAINT import_rows_imported_by_fkey FOREIGN KEY (imported_by) REFERENCES auth.users(id);

-- Name: incidents incidents_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: notices notices_by_org_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_by_org_fkey FOREIGN KEY (by_org) REFERENCES public.organisations(id);

-- Name: notices notices_by_user_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: notices notices_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: notices notices_recipient_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_recipient_fkey FOREIGN KEY (recipient) REFERENCES auth.users(id);

-- Name: referral_keys referral_keys_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_keys
    ADD CONSTRAINT referral_keys_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: referral_keys referral_keys_made_for_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_keys
    ADD CONSTRAINT referral_keys_made_for_fkey FOREIGN KEY (made_for) REFERENCES public.referrals(id);

-- Name: referral_keys referral_keys_referral_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_keys
    ADD CONSTRAINT referral_keys_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES public.referrals(id);

-- Name: referral_moves referral_moves_by_org_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_moves
    ADD CONSTRAINT referral_moves_by_org_fkey FOREIGN KEY (by_org) REFERENCES public.organisations(id);

-- Name: referral_moves referral_moves_by_user_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_moves
    ADD CONSTRAINT referral_moves_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: referral_moves referral_moves_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_moves
    ADD CONSTRAINT referral_moves_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: referral_moves referral_moves_referral_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_moves
    ADD CONSTRAINT referral_moves_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES public.referrals(id);

-- Name: referral_snapshots referral_snapshots_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_snapshots
    ADD CONSTRAINT referral_snapshots_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: referral_snapshots referral_snapshots_made_for_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_snapshots
    ADD CONSTRAINT referral_snapshots_made_for_fkey FOREIGN KEY (made_for) REFERENCES public.referrals(id);

-- Name: referral_snapshots referral_snapshots_referral_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_snapshots
    ADD CONSTRAINT referral_snapshots_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES public.referrals(id);

-- Name: referral_talk_keys referral_talk_keys_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_talk_keys
    ADD CONSTRAINT referral_talk_keys_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: referral_talk_keys referral_talk_keys_referral_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referral_talk_keys
    ADD CONSTRAINT referral_talk_keys_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES public.referrals(id);

-- Name: referrals referrals_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: referrals referrals_consent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES public.consents(id);

-- Name: referrals referrals_forwarded_from_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_forwarded_from_fkey FOREIGN KEY (forwarded_from) REFERENCES public.referrals(id);

-- Name: referrals referrals_from_org_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_from_org_fkey FOREIGN KEY (from_org) REFERENCES public.organisations(id);

-- Name: referrals referrals_from_user_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_from_user_fkey FOREIGN KEY (from_user) REFERENCES auth.users(id);

-- Name: referrals referrals_taken_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES auth.users(id);

-- Name: referrals referrals_to_org_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.referrals
    ADD CONSTRAINT referrals_to_org_fkey FOREIGN KEY (to_org) REFERENCES public.organisations(id);

-- Name: services services_organisation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.services
    ADD CONSTRAINT services_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: shelter_addresses shelter_addresses_organisation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.shelter_addresses
    ADD CONSTRAINT shelter_addresses_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: shelter_addresses shelter_addresses_set_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.shelter_addresses
    ADD CONSTRAINT shelter_addresses_set_by_fkey FOREIGN KEY (set_by) REFERENCES auth.users(id);

-- Name: survivors survivors_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: binhan_owner

ALTER TABLE ONLY public.survivors
    ADD CONSTRAINT survivors_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: agreements agreements_organisation_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.agreements
    ADD CONSTRAINT agreements_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

-- Name: agreements agreements_recorded_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.agreements
    ADD CONSTRAINT agreements_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES auth.users(id);

-- Name: breach_keys breach_keys_breach_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breach_keys
    ADD CONSTRAINT breach_keys_breach_id_fkey FOREIGN KEY (breach_id) REFERENCES rights.breaches(id);

-- Name: breach_minutes breach_minutes_breach_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breach_minutes
    ADD CONSTRAINT breach_minutes_breach_id_fkey FOREIGN KEY (breach_id) REFERENCES rights.breaches(id);

-- Name: breach_minutes breach_minutes_by_user_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breach_minutes
    ADD CONSTRAINT breach_minutes_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: breaches breaches_recorded_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.breaches
    ADD CONSTRAINT breaches_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES auth.users(id);

-- Name: copies copies_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.copies
    ADD CONSTRAINT copies_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: copies copies_made_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.copies
    ADD CONSTRAINT copies_made_by_fkey FOREIGN KEY (made_by) REFERENCES auth.users(id);

-- Name: copies copies_request_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.copies
    ADD CONSTRAINT copies_request_id_fkey FOREIGN KEY (request_id) REFERENCES rights.requests(id);

-- Name: erasures erasures_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasures_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: erasures erasures_first_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasures_first_by_fkey FOREIGN KEY (first_by) REFERENCES auth.users(id);

-- Name: erasures erasures_proposed_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasures_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES auth.users(id);

-- Name: erasures erasures_refused_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasures_refused_by_fkey FOREIGN KEY (refused_by) REFERENCES auth.users(id);

-- Name: erasures erasures_request_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasures_request_id_fkey FOREIGN KEY (request_id) REFERENCES rights.requests(id);

-- Name: erasures erasures_second_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.erasures
    ADD CONSTRAINT erasures_second_by_fkey FOREIGN KEY (second_by) REFERENCES auth.users(id);

-- Name: handovers handovers_by_user_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.handovers
    ADD CONSTRAINT handovers_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: handovers handovers_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.handovers
    ADD CONSTRAINT handovers_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: handovers handovers_copy_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.handovers
    ADD CONSTRAINT handovers_copy_id_fkey FOREIGN KEY (copy_id) REFERENCES rights.copies(id);

-- Name: holds holds_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.holds
    ADD CONSTRAINT holds_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: holds holds_lifted_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.holds
    ADD CONSTRAINT holds_lifted_by_fkey FOREIGN KEY (lifted_by) REFERENCES auth.users(id);

-- Name: holds holds_set_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.holds
    ADD CONSTRAINT holds_set_by_fkey FOREIGN KEY (set_by) REFERENCES auth.users(id);

-- Name: request_corrections request_corrections_correction_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_corrections
    ADD CONSTRAINT request_corrections_correction_id_fkey FOREIGN KEY (correction_id) REFERENCES public.case_history(id) ON DELETE CASCADE;

-- Name: request_corrections request_corrections_request_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_corrections
    ADD CONSTRAINT request_corrections_request_id_fkey FOREIGN KEY (request_id) REFERENCES rights.requests(id);

-- Name: request_keys request_keys_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_keys
    ADD CONSTRAINT request_keys_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: request_keys request_keys_request_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_keys
    ADD CONSTRAINT request_keys_request_id_fkey FOREIGN KEY (request_id) REFERENCES rights.requests(id);

-- Name: request_moves request_moves_by_user_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_moves
    ADD CONSTRAINT request_moves_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: request_moves request_moves_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_moves
    ADD CONSTRAINT request_moves_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: request_moves request_moves_request_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.request_moves
    ADD CONSTRAINT request_moves_request_id_fkey FOREIGN KEY (request_id) REFERENCES rights.requests(id);

-- Name: requests requests_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.requests
    ADD CONSTRAINT requests_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: requests requests_registered_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.requests
    ADD CONSTRAINT requests_registered_by_fkey FOREIGN KEY (registered_by) REFERENCES auth.users(id);

-- Name: restrictions restrictions_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.restrictions
    ADD CONSTRAINT restrictions_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: restrictions restrictions_lifted_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.restrictions
    ADD CONSTRAINT restrictions_lifted_by_fkey FOREIGN KEY (lifted_by) REFERENCES auth.users(id);

-- Name: restrictions restrictions_request_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.restrictions
    ADD CONSTRAINT restrictions_request_id_fkey FOREIGN KEY (request_id) REFERENCES rights.requests(id);

-- Name: restrictions restrictions_set_by_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.restrictions
    ADD CONSTRAINT restrictions_set_by_fkey FOREIGN KEY (set_by) REFERENCES auth.users(id);

-- Name: terms terms_case_id_fkey; Type: FK CONSTRAINT; Schema: rights; Owner: binhan_owner

ALTER TABLE ONLY rights.terms
    ADD CONSTRAINT terms_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.cases(id);

-- Name: cubes cubes_plan_id_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.cubes
    ADD CONSTRAINT cubes_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES stats.release_plans(id);

-- Name: cubes cubes_plan_version_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.cubes
    ADD CONSTRAINT cubes_plan_version_fkey FOREIGN KEY (plan_version) REFERENCES stats.plan_versions(id);

-- Name: cubes cubes_prepared_by_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.cubes
    ADD CONSTRAINT cubes_prepared_by_fkey FOREIGN KEY (prepared_by) REFERENCES auth.users(id);

-- Name: cubes cubes_published_by_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.cubes
    ADD CONSTRAINT cubes_published_by_fkey FOREIGN KEY (published_by) REFERENCES auth.users(id);

-- Name: cubes cubes_supersedes_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.cubes
    ADD CONSTRAINT cubes_supersedes_fkey FOREIGN KEY (supersedes) REFERENCES stats.cubes(id);

-- Name: errata errata_by_user_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.errata
    ADD CONSTRAINT errata_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: errata errata_cube_id_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.errata
    ADD CONSTRAINT errata_cube_id_fkey FOREIGN KEY (cube_id) REFERENCES stats.cubes(id);

-- Name: noisy_measurements noisy_measurements_cube_id_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.noisy_measurements
    ADD CONSTRAINT noisy_measurements_cube_id_fkey FOREIGN KEY (cube_id) REFERENCES stats.cubes(id);

-- Name: plan_versions plan_versions_approved_by_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.plan_versions
    ADD CONSTRAINT plan_versions_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES auth.users(id);

-- Name: plan_versions plan_versions_proposed_by_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.plan_versions
    ADD CONSTRAINT plan_versions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES auth.users(id);

-- Name: privacy_ledger privacy_ledger_by_user_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.privacy_ledger
    ADD CONSTRAINT privacy_ledger_by_user_fkey FOREIGN KEY (by_user) REFERENCES auth.users(id);

-- Name: privacy_ledger privacy_ledger_cube_id_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.privacy_ledger
    ADD CONSTRAINT privacy_ledger_cube_id_fkey FOREIGN KEY (cube_id) REFERENCES stats.cubes(id);

-- Name: release_cells release_cells_cube_id_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.release_cells
    ADD CONSTRAINT release_cells_cube_id_fkey FOREIGN KEY (cube_id) REFERENCES stats.cubes(id);

-- Name: release_plans release_plans_approved_by_1_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.release_plans
    ADD CONSTRAINT release_plans_approved_by_1_fkey FOREIGN KEY (approved_by_1) REFERENCES auth.users(id);

-- Name: release_plans release_plans_approved_by_2_fkey; Type: FK CONSTRAINT; Schema: stats; Owner: binhan_owner

ALTER TABLE ONLY stats.release_plans
    ADD CONSTRAINT release_plans_approved_by_2_fkey FOREIGN KEY (approved_by_2) REFERENCES auth.users(id);

-- Name: drafts changed; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY changed ON campaign.drafts FOR UPDATE TO binhan_app USING ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text)) WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: units changed; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY changed ON campaign.units FOR UPDATE TO binhan_app USING ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text)) WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: versions changed; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY changed ON campaign.versions FOR UPDATE TO binhan_app USING ((( SELECT rights.office() AS office) = 'STAT_APPROVER'::text)) WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_APPROVER'::text));

-- Name: drafts; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.drafts ENABLE ROW LEVEL SECURITY;

-- Name: editions; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.editions ENABLE ROW LEVEL SECURITY;

-- Name: moves; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.moves ENABLE ROW LEVEL SECURITY;

-- Name: reminders; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.reminders ENABLE ROW LEVEL SECURITY;

-- Name: reports; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.reports ENABLE ROW LEVEL SECURITY;

-- Name: drafts seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.drafts FOR SELECT TO binhan_app USING (( SELECT campaign.department() AS department));

-- Name: editions seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.editions FOR SELECT TO binhan_app USING ((( SELECT rights.office() AS office) = ANY (ARRAY['STAT_OFFICER'::text, 'STAT_APPROVER'::text, 'UNIT_REPORTER'::text])));

-- Name: moves seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.moves FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM campaign.units u
  WHERE (u.id = moves.unit_id))));

-- Name: reminders seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.reminders FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM campaign.units u
  WHERE (u.id = reminders.unit_id))));

-- Name: reports seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.reports FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM campaign.units u
  WHERE (u.id = reports.unit_id))));

-- Name: submissions seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.submissions FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM campaign.units u
  WHERE (u.id = submissions.unit_id))));

-- Name: units seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.units FOR SELECT TO binhan_app USING ((( SELECT campaign.department() AS department) OR ((( SELECT rights.office() AS office) = 'UNIT_REPORTER'::text) AND (organisation_id = ( SELECT auth.org_id() AS org_id)))));

-- Name: version_figures seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.version_figures FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM campaign.versions v
  WHERE (v.id = version_figures.version_id))));

-- Name: version_units seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.version_units FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM campaign.versions v
  WHERE (v.id = version_units.version_id))));

-- Name: versions seen; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY seen ON campaign.versions FOR SELECT TO binhan_app USING ((( SELECT campaign.department() AS department) OR ((( SELECT rights.office() AS office) = 'UNIT_REPORTER'::text) AND (state = ANY (ARRAY['PUBLISHED'::text, 'SUPERSEDED'::text])))));

-- Name: submissions; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.submissions ENABLE ROW LEVEL SECURITY;

-- Name: units; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.units ENABLE ROW LEVEL SECURITY;

-- Name: version_figures; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.version_figures ENABLE ROW LEVEL SECURITY;

-- Name: version_units; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.version_units ENABLE ROW LEVEL SECURITY;

-- Name: versions; Type: ROW SECURITY; Schema: campaign; Owner: binhan_owner

ALTER TABLE campaign.versions ENABLE ROW LEVEL SECURITY;

-- Name: drafts written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.drafts FOR INSERT TO binhan_app WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: editions written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.editions FOR INSERT TO binhan_app WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: moves written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.moves FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM campaign.units u
  WHERE (u.id = moves.unit_id))));

-- Name: reports written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.reports FOR UPDATE TO binhan_app USING (campaign.writes(unit_id)) WITH CHECK (campaign.writes(unit_id));

-- Name: submissions written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.submissions FOR INSERT TO binhan_app WITH CHECK (campaign.writes(unit_id));

-- Name: units written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.units FOR INSERT TO binhan_app WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: version_figures written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.version_figures FOR INSERT TO binhan_app WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: version_units written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.version_units FOR INSERT TO binhan_app WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: versions written; Type: POLICY; Schema: campaign; Owner: binhan_owner

CREATE POLICY written ON campaign.versions FOR INSERT TO binhan_app WITH CHECK ((( SELECT rights.office() AS office) = 'STAT_OFFICER'::text));

-- Name: break_glass; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.break_glass ENABLE ROW LEVEL SECURITY;

-- Name: budget_spent; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.budget_spent ENABLE ROW LEVEL SECURITY;

-- Name: case_closures; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_closures ENABLE ROW LEVEL SECURITY;

-- Name: case_history; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_history ENABLE ROW LEVEL SECURITY;

-- Name: case_keys; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_keys ENABLE ROW LEVEL SECURITY;

-- Name: case_openings; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_openings ENABLE ROW LEVEL SECURITY;

-- Name: case_seals; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_seals ENABLE ROW LEVEL SECURITY;

-- Name: case_standings; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_standings ENABLE ROW LEVEL SECURITY;

-- Name: case_tokens; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_tokens ENABLE ROW LEVEL SECURITY;

-- Name: case_walls; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.case_walls ENABLE ROW LEVEL SECURITY;

-- Name: cases; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.cases ENABLE ROW LEVEL SECURITY;

-- Name: consents; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.consents ENABLE ROW LEVEL SECURITY;

-- Name: cases corrected; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY corrected ON public.cases FOR UPDATE TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = cases.id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = cases.id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: consents corrected; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY corrected ON public.consents FOR UPDATE TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = consents.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = consents.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: incidents corrected; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY corrected ON public.incidents FOR UPDATE TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = incidents.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = incidents.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: survivors corrected; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY corrected ON public.survivors FOR UPDATE TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = survivors.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = survivors.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: evidence; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.evidence ENABLE ROW LEVEL SECURITY;

-- Name: case_standings held; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY held ON public.case_standings FOR SELECT TO binhan_app USING (((holder = ANY (( SELECT auth.principals() AS principals)::uuid[])) AND (case_id <> ALL (( SELECT gate.walls() AS walls)::uuid[]))));

-- Name: case_tokens held; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY held ON public.case_tokens FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_tokens.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: case_openings hers; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY hers ON public.case_openings TO binhan_app USING ((user_id = ( SELECT auth.user_id() AS user_id))) WITH CHECK ((user_id = ( SELECT auth.user_id() AS user_id)));

-- Name: notices hers; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY hers ON public.notices TO binhan_app USING (((recipient = ( SELECT auth.user_id() AS user_id)) AND ((case_id IS NULL) OR (case_id <> ALL (( SELECT gate.walls() AS walls)::uuid[]))))) WITH CHECK ((recipient = ( SELECT auth.user_id() AS user_id)));

-- Name: idempotency; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.idempotency ENABLE ROW LEVEL SECURITY;

-- Name: import_rows; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.import_rows ENABLE ROW LEVEL SECURITY;

-- Name: incidents; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.incidents ENABLE ROW LEVEL SECURITY;

-- Name: shelter_addresses kept; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY kept ON public.shelter_addresses TO binhan_app USING ((organisation_id = ( SELECT auth.org_id() AS org_id))) WITH CHECK (((organisation_id = ( SELECT auth.org_id() AS org_id)) AND (set_by = ( SELECT auth.user_id() AS user_id))));

-- Name: referrals moved; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY moved ON public.referrals FOR UPDATE TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referrals.case_id) AND ((s.referral_id IS NULL) OR (s.referral_id = referrals.id)) AND (s.standing = ANY (ARRAY['assigned'::text, 'addressee'::text, 'referred'::text])) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referrals.case_id) AND ((s.referral_id IS NULL) OR (s.referral_id = referrals.id)) AND (s.standing = ANY (ARRAY['assigned'::text, 'addressee'::text, 'referred'::text])) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: notices; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.notices ENABLE ROW LEVEL SECURITY;

-- Name: import_rows of_importers; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY of_importers ON public.import_rows TO binhan_app USING ((( SELECT auth.user_id() AS user_id) IS NOT NULL)) WITH CHECK ((imported_by = ( SELECT auth.user_id() AS user_id)));

-- Name: idempotency own; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY own ON public.idempotency TO binhan_app USING ((user_id = ( SELECT auth.user_id() AS user_id))) WITH CHECK ((user_id = ( SELECT auth.user_id() AS user_id)));

-- Name: case_keys recorded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY recorded ON public.case_keys FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_keys.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: case_tokens recorded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY recorded ON public.case_tokens FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_tokens.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: cases recorded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY recorded ON public.cases FOR INSERT TO binhan_app WITH CHECK (((owner = ( SELECT auth.user_id() AS user_id)) AND (organisation_id = ( SELECT auth.org_id() AS org_id))));

-- Name: consents recorded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY recorded ON public.consents FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = consents.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: evidence recorded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY recorded ON public.evidence FOR INSERT TO binhan_app WITH CHECK (((added_by = ( SELECT auth.user_id() AS user_id)) AND (EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = evidence.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))));

-- Name: incidents recorded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY recorded ON public.incidents FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = incidents.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: survivors recorded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY recorded ON public.survivors FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = survivors.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referral_keys; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.referral_keys ENABLE ROW LEVEL SECURITY;

-- Name: referral_moves; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.referral_moves ENABLE ROW LEVEL SECURITY;

-- Name: referral_snapshots; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.referral_snapshots ENABLE ROW LEVEL SECURITY;

-- Name: referral_talk_keys; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.referral_talk_keys ENABLE ROW LEVEL SECURITY;

-- Name: referrals; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.referrals ENABLE ROW LEVEL SECURITY;

-- Name: case_tokens renewed; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY renewed ON public.case_tokens FOR DELETE TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_tokens.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: break_glass reviewed; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY reviewed ON public.break_glass FOR UPDATE TO binhan_app USING (((reviewed_by = ( SELECT auth.user_id() AS user_id)) AND (review IS NULL))) WITH CHECK ((reviewed_by = ( SELECT auth.user_id() AS user_id)));

-- Name: break_glass seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.break_glass FOR SELECT TO binhan_app USING (((user_id = ( SELECT auth.user_id() AS user_id)) OR (EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = break_glass.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (ARRAY['assigned'::text, 'supervisor'::text])) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))));

-- Name: case_closures seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.case_closures FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_closures.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: case_history seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.case_history FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_history.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: case_keys seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.case_keys FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_keys.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: case_walls seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.case_walls FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_walls.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (ARRAY['assigned'::text, 'supervisor'::text])) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: cases seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.cases FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = cases.id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: consents seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.consents FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = consents.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: evidence seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.evidence FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = evidence.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: incidents seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.incidents FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = incidents.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referral_keys seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.referral_keys FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_keys.case_id) AND ((s.referral_id IS NULL) OR ((s.referral_id = referral_keys.referral_id) AND (s.standing = 'referred'::text) AND standing.shared(referral_keys.referral_id))) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referral_moves seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.referral_moves FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_moves.case_id) AND ((s.referral_id IS NULL) OR (s.referral_id = referral_moves.referral_id)) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referral_snapshots seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.referral_snapshots FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_snapshots.case_id) AND ((s.referral_id IS NULL) OR ((s.referral_id = referral_snapshots.referral_id) AND (s.standing = 'referred'::text) AND standing.shared(referral_snapshots.referral_id))) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referral_talk_keys seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.referral_talk_keys FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_talk_keys.case_id) AND ((s.referral_id IS NULL) OR (s.referral_id = referral_talk_keys.referral_id)) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referrals seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.referrals FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referrals.case_id) AND ((s.referral_id IS NULL) OR (s.referral_id = referrals.id)) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: survivors seen; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY seen ON public.survivors FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = survivors.case_id) AND (s.referral_id IS NULL) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: shelter_addresses; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.shelter_addresses ENABLE ROW LEVEL SECURITY;

-- Name: survivors; Type: ROW SECURITY; Schema: public; Owner: binhan_owner

ALTER TABLE public.survivors ENABLE ROW LEVEL SECURITY;

-- Name: shelter_addresses taken; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY taken ON public.shelter_addresses FOR SELECT TO binhan_app USING ((EXISTS ( SELECT 1
   FROM (public.referrals r
     JOIN public.case_standings s ON ((s.case_id = r.case_id)))
  WHERE ((r.to_org = shelter_addresses.organisation_id) AND (r.status = ANY (ARRAY['ACCEPTED'::text, 'IN_SERVICE'::text])) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.holder = ( SELECT auth.user_id() AS user_id)) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: break_glass worded; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY worded ON public.break_glass FOR UPDATE TO binhan_app USING (((user_id = ( SELECT auth.user_id() AS user_id)) AND (reason IS NULL))) WITH CHECK ((user_id = ( SELECT auth.user_id() AS user_id)));

-- Name: case_closures written; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY written ON public.case_closures FOR INSERT TO binhan_app WITH CHECK (((by_user = ( SELECT auth.user_id() AS user_id)) AND (EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_closures.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))));

-- Name: case_history written; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY written ON public.case_history FOR INSERT TO binhan_app WITH CHECK (((by_user = ( SELECT auth.user_id() AS user_id)) AND (EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = case_history.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))));

-- Name: referral_keys written; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY written ON public.referral_keys FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_keys.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referral_moves written; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY written ON public.referral_moves FOR INSERT TO binhan_app WITH CHECK (((by_user = ( SELECT auth.user_id() AS user_id)) AND (by_org = ( SELECT auth.org_id() AS org_id)) AND (EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_moves.case_id) AND ((s.referral_id IS NULL) OR (s.referral_id = referral_moves.referral_id)) AND (s.standing = ANY (ARRAY['assigned'::text, 'addressee'::text, 'referred'::text])) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now())))))));

-- Name: referral_snapshots written; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY written ON public.referral_snapshots FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_snapshots.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referral_talk_keys written; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY written ON public.referral_talk_keys FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referral_talk_keys.case_id) AND (s.referral_id IS NULL) AND (s.standing = 'assigned'::text) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: referrals written; Type: POLICY; Schema: public; Owner: binhan_owner

CREATE POLICY written ON public.referrals FOR INSERT TO binhan_app WITH CHECK ((EXISTS ( SELECT 1
   FROM public.case_standings s
  WHERE ((s.case_id = referrals.case_id) AND ((s.referral_id IS NULL) OR (s.referral_id = referrals.forwarded_from)) AND (s.standing = ANY (ARRAY['assigned'::text, 'addressee'::text, 'referred'::text])) AND (s.standing = ANY (( SELECT gate.standings() AS standings)::text[])) AND ((s.until IS NULL) OR (s.until > now()))))));

-- Name: agreements; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.agreements ENABLE ROW LEVEL SECURITY;

-- Name: breach_keys; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.breach_keys ENABLE ROW LEVEL SECURITY;

-- Name: breach_minutes; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.breach_minutes ENABLE ROW LEVEL SECURITY;

-- Name: breaches; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.breaches ENABLE ROW LEVEL SECURITY;

-- Name: terms changed; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY changed ON rights.terms FOR UPDATE TO binhan_app USING (rights.sees(case_id)) WITH CHECK (rights.sees(case_id));

-- Name: copies; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.copies ENABLE ROW LEVEL SECURITY;

-- Name: erasures; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.erasures ENABLE ROW LEVEL SECURITY;

-- Name: handovers; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.handovers ENABLE ROW LEVEL SECURITY;

-- Name: holds; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.holds ENABLE ROW LEVEL SECURITY;

-- Name: holds lifted; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY lifted ON rights.holds FOR UPDATE TO binhan_app USING ((rights.office() = 'DPO'::text)) WITH CHECK ((lifted_by = ( SELECT auth.user_id() AS user_id)));

-- Name: restrictions lifted; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY lifted ON rights.restrictions FOR UPDATE TO binhan_app USING (rights.sees(case_id)) WITH CHECK ((lifted_by = ( SELECT auth.user_id() AS user_id)));

-- Name: breaches moved; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY moved ON rights.breaches FOR UPDATE TO binhan_app USING ((( SELECT rights.office() AS office) = 'DPO'::text)) WITH CHECK ((( SELECT rights.office() AS office) = 'DPO'::text));

-- Name: requests moved; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY moved ON rights.requests FOR UPDATE TO binhan_app USING (rights.sees(case_id)) WITH CHECK (rights.sees(case_id));

-- Name: breach_keys office; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY office ON rights.breach_keys TO binhan_app USING ((( SELECT rights.office() AS office) = 'DPO'::text)) WITH CHECK ((( SELECT rights.office() AS office) = 'DPO'::text));

-- Name: erasures proposed; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY proposed ON rights.erasures FOR INSERT TO binhan_app WITH CHECK (((proposed_by = ( SELECT auth.user_id() AS user_id)) AND (state = 'PROPOSED'::text) AND (first_by IS NULL) AND (second_by IS NULL) AND rights.sees(case_id)));

-- Name: terms removed; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY removed ON rights.terms FOR DELETE TO binhan_app USING (rights.sees(case_id));

-- Name: request_keys; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.request_keys ENABLE ROW LEVEL SECURITY;

-- Name: request_moves; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.request_moves ENABLE ROW LEVEL SECURITY;

-- Name: requests; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.requests ENABLE ROW LEVEL SECURITY;

-- Name: restrictions; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.restrictions ENABLE ROW LEVEL SECURITY;

-- Name: agreements seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.agreements FOR SELECT TO binhan_app USING ((( SELECT auth.user_id() AS user_id) IS NOT NULL));

-- Name: breach_minutes seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.breach_minutes FOR SELECT TO binhan_app USING ((( SELECT rights.office() AS office) = ANY (ARRAY['DPO'::text, 'AUDITOR'::text])));

-- Name: breaches seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.breaches FOR SELECT TO binhan_app USING ((( SELECT rights.office() AS office) = ANY (ARRAY['DPO'::text, 'AUDITOR'::text])));

-- Name: copies seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.copies FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: erasures seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.erasures FOR SELECT TO binhan_app USING ((rights.sees(case_id) OR (((( SELECT auth.user_id() AS user_id) = proposed_by) OR (( SELECT auth.user_id() AS user_id) = first_by)) OR (( SELECT auth.user_id() AS user_id) = second_by))));

-- Name: handovers seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.handovers FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: holds seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.holds FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: request_keys seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.request_keys FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: request_moves seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.request_moves FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: requests seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.requests FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: restrictions seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.restrictions FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: terms seen; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY seen ON rights.terms FOR SELECT TO binhan_app USING (rights.sees(case_id));

-- Name: terms; Type: ROW SECURITY; Schema: rights; Owner: binhan_owner

ALTER TABLE rights.terms ENABLE ROW LEVEL SECURITY;

-- Name: agreements written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.agreements FOR INSERT TO binhan_app WITH CHECK (((recorded_by = ( SELECT auth.user_id() AS user_id)) AND (( SELECT rights.office() AS office) = 'DPO'::text)));

-- Name: breach_minutes written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.breach_minutes FOR INSERT TO binhan_app WITH CHECK (((by_user = ( SELECT auth.user_id() AS user_id)) AND (( SELECT rights.office() AS office) = 'DPO'::text)));

-- Name: breaches written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.breaches FOR INSERT TO binhan_app WITH CHECK (((recorded_by = ( SELECT auth.user_id() AS user_id)) AND (( SELECT rights.office() AS office) = 'DPO'::text)));

-- Name: copies written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.copies FOR INSERT TO binhan_app WITH CHECK (((made_by = ( SELECT auth.user_id() AS user_id)) AND rights.sees(case_id)));

-- Name: handovers written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.handovers FOR INSERT TO binhan_app WITH CHECK (((by_user = ( SELECT auth.user_id() AS user_id)) AND rights.sees(case_id) AND (EXISTS ( SELECT 1
   FROM rights.copies c
  WHERE ((c.id = handovers.copy_id) AND (c.case_id = handovers.case_id))))));

-- Name: holds written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.holds FOR INSERT TO binhan_app WITH CHECK (((set_by = ( SELECT auth.user_id() AS user_id)) AND (rights.office() = 'DPO'::text)));

-- Name: request_keys written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.request_keys FOR INSERT TO binhan_app WITH CHECK (rights.sees(case_id));

-- Name: request_moves written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.request_moves FOR INSERT TO binhan_app WITH CHECK (((by_user = ( SELECT auth.user_id() AS user_id)) AND rights.sees(case_id)));

-- Name: requests written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.requests FOR INSERT TO binhan_app WITH CHECK (((registered_by = ( SELECT auth.user_id() AS user_id)) AND (state = 'RECEIVED'::text) AND rights.sees(case_id)));

-- Name: restrictions written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.restrictions FOR INSERT TO binhan_app WITH CHECK (((set_by = ( SELECT auth.user_id() AS user_id)) AND rights.sees(case_id)));

-- Name: terms written; Type: POLICY; Schema: rights; Owner: binhan_owner

CREATE POLICY written ON rights.terms FOR INSERT TO binhan_app WITH CHECK (rights.sees(case_id));

-- Name: SCHEMA audit; Type: ACL; Schema: -; Owner: binhan_owner

GRANT ALL ON SCHEMA audit TO binhan_keeper;
GRANT USAGE ON SCHEMA audit TO binhan_app;
GRANT USAGE ON SCHEMA audit TO binhan_releaser;
GRANT USAGE ON SCHEMA audit TO binhan_statistics;
GRANT USAGE ON SCHEMA audit TO binhan_auditor;
GRANT USAGE ON SCHEMA audit TO binhan_sealer;

-- Name: SCHEMA auth; Type: ACL; Schema: -; Owner: binhan_owner

GRANT ALL ON SCHEMA auth TO binhan_keeper;
GRANT USAGE ON SCHEMA auth TO binhan_app;
GRANT USAGE ON SCHEMA auth TO binhan_migrator;
GRANT USAGE ON SCHEMA auth TO binhan_releaser;
GRANT USAGE ON SCHEMA auth TO binhan_statistics;
GRANT USAGE ON SCHEMA auth TO binhan_auditor;

-- Name: SCHEMA campaign; Type: ACL; Schema: -; Owner: binhan_owner

GRANT USAGE ON SCHEMA campaign TO binhan_app;
GRANT USAGE ON SCHEMA campaign TO binhan_migrator;

-- Name: SCHEMA gate; Type: ACL; Schema: -; Owner: binhan_owner

GRANT ALL ON SCHEMA gate TO binhan_keeper;
GRANT USAGE ON SCHEMA gate TO binhan_app;
GRANT USAGE ON SCHEMA gate TO binhan_releaser;
GRANT USAGE ON SCHEMA gate TO binhan_statistics;
GRANT USAGE ON SCHEMA gate TO binhan_auditor;

-- Name: SCHEMA keys; Type: ACL; Schema: -; Owner: binhan_owner

GRANT ALL ON SCHEMA keys TO binhan_keeper;
GRANT USAGE ON SCHEMA keys TO binhan_migrator;

-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner

REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO binhan_owner;
GRANT ALL ON SCHEMA public TO binhan_keeper;
GRANT USAGE ON SCHEMA public TO binhan_app;

-- Name: SCHEMA rights; Type: ACL; Schema: -; Owner: binhan_owner

GRANT USAGE ON SCHEMA rights TO binhan_keeper;
GRANT USAGE ON SCHEMA rights TO binhan_app;
GRANT USAGE ON SCHEMA rights TO binhan_migrator;

-- Name: SCHEMA standing; Type: ACL; Schema: -; Owner: binhan_owner

GRANT ALL ON SCHEMA standing TO binhan_keeper;
GRANT USAGE ON SCHEMA standing TO binhan_app;
GRANT USAGE ON SCHEMA standing TO binhan_migrator;

-- Name: SCHEMA stats; Type: ACL; Schema: -; Owner: binhan_owner

GRANT USAGE ON SCHEMA stats TO binhan_app;
GRANT USAGE ON SCHEMA stats TO binhan_releaser;
GRANT USAGE ON SCHEMA stats TO binhan_statistics;
GRANT USAGE ON SCHEMA stats TO binhan_keeper;

-- Name: FUNCTION add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text, p_device bytea, p_unwraps integer, p_condition text); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text, p_device bytea, p_unwraps integer, p_condition text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text, p_device bytea, p_unwraps integer, p_condition text) TO binhan_app;
GRANT ALL ON FUNCTION audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text, p_device bytea, p_unwraps integer, p_condition text) TO binhan_releaser;
GRANT ALL ON FUNCTION audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text, p_device bytea, p_unwraps integer, p_condition text) TO binhan_statistics;
GRANT ALL ON FUNCTION audit.add(p_act text, p_kind text, p_subject uuid, p_cases uuid[], p_classes text[], p_decision text, p_standing text, p_reason text, p_note bytea, p_request text, p_client text, p_device bytea, p_unwraps integer, p_condition text) TO binhan_auditor;

-- Name: FUNCTION custody(); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.custody() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.custody() TO binhan_sealer;

-- Name: TABLE evidence; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,DELETE ON TABLE public.evidence TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.evidence TO binhan_app;

-- Name: COLUMN evidence.details; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(details) ON TABLE public.evidence TO binhan_keeper;

-- Name: FUNCTION custody_of(e public.evidence); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.custody_of(e public.evidence) FROM PUBLIC;

-- Name: FUNCTION findings(p_from date, p_to date, p_works text[]); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.findings(p_from date, p_to date, p_works text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.findings(p_from date, p_to date, p_works text[]) TO binhan_auditor;

-- Name: FUNCTION hours(p_day date); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.hours(p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.hours(p_day date) TO binhan_auditor;

-- Name: FUNCTION link_custody(); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.link_custody() FROM PUBLIC;

-- Name: FUNCTION make_room(); Type: ACL; Schema: audit; Owner: binhan_owner

REVOKE ALL ON FUNCTION audit.make_room() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.make_room() TO binhan_sealer;

-- Name: FUNCTION must_be_recorded(); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.must_be_recorded() FROM PUBLIC;

-- Name: FUNCTION of_case(p_case uuid, p_limit integer, p_before bigint, p_unusual boolean, p_actor uuid); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.of_case(p_case uuid, p_limit integer, p_before bigint, p_unusual boolean, p_actor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.of_case(p_case uuid, p_limit integer, p_before bigint, p_unusual boolean, p_actor uuid) TO binhan_app;

-- Name: FUNCTION page(p_username text, p_act text, p_case uuid, p_decision text, p_organisation text, p_from timestamp with time zone, p_to timestamp with time zone, p_before bigint, p_limit integer); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.page(p_username text, p_act text, p_case uuid, p_decision text, p_organisation text, p_from timestamp with time zone, p_to timestamp with time zone, p_before bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.page(p_username text, p_act text, p_case uuid, p_decision text, p_organisation text, p_from timestamp with time zone, p_to timestamp with time zone, p_before bigint, p_limit integer) TO binhan_auditor;

-- Name: FUNCTION refuse_change(); Type: ACL; Schema: audit; Owner: binhan_owner

REVOKE ALL ON FUNCTION audit.refuse_change() FROM PUBLIC;

-- Name: FUNCTION review(p_finding text, p_day date, p_works text[], p_outcome text, p_code text); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.review(p_finding text, p_day date, p_works text[], p_outcome text, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.review(p_finding text, p_day date, p_works text[], p_outcome text, p_code text) TO binhan_auditor;

-- Name: FUNCTION unusual(p_from date, p_to date, p_works text[]); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.unusual(p_from date, p_to date, p_works text[]) FROM PUBLIC;

-- Name: FUNCTION watch_due(p_works text[], p_limit integer); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.watch_due(p_works text[], p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.watch_due(p_works text[], p_limit integer) TO binhan_sealer;

-- Name: FUNCTION watch_keep(p_user uuid, p_case uuid, p_codes text[]); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.watch_keep(p_user uuid, p_case uuid, p_codes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.watch_keep(p_user uuid, p_case uuid, p_codes text[]) TO binhan_sealer;

-- Name: FUNCTION watch_moved(p_xact text, p_entry bigint); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.watch_moved(p_xact text, p_entry bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.watch_moved(p_xact text, p_entry bigint) TO binhan_sealer;

-- Name: FUNCTION watch_question(p_user uuid, p_case uuid); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.watch_question(p_user uuid, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.watch_question(p_user uuid, p_case uuid) TO binhan_sealer;

-- Name: FUNCTION watch_state(); Type: ACL; Schema: audit; Owner: binhan_keeper

REVOKE ALL ON FUNCTION audit.watch_state() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.watch_state() TO binhan_auditor;

-- Name: FUNCTION add_key(p_id uuid, p_name text, p_credential bytea, p_public bytea, p_flags integer, p_count bigint, p_aaguid bytea, p_transports text[], p_verifier bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.add_key(p_id uuid, p_name text, p_credential bytea, p_public bytea, p_flags integer, p_count bigint, p_aaguid bytea, p_transports text[], p_verifier bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.add_key(p_id uuid, p_name text, p_credential bytea, p_public bytea, p_flags integer, p_count bigint, p_aaguid bytea, p_transports text[], p_verifier bytea) TO binhan_app;

-- Name: FUNCTION attempt(p_username text, p_device bytea, p_address text, p_rules jsonb, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.attempt(p_username text, p_device bytea, p_address text, p_rules jsonb, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.attempt(p_username text, p_device bytea, p_address text, p_rules jsonb, p_request text) TO binhan_app;

-- Name: FUNCTION begin_session(p_user uuid, p_membership uuid, p_org uuid, p_how text, p_said text, p_proved timestamp with time zone, p_identity uuid, p_provider_session bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_rules jsonb, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.begin_session(p_user uuid, p_membership uuid, p_org uuid, p_how text, p_said text, p_proved timestamp with time zone, p_identity uuid, p_provider_session bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_rules jsonb, p_request text) FROM PUBLIC;

-- Name: FUNCTION bucket(p_kind text, p_a text, p_b bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.bucket(p_kind text, p_a text, p_b bytea) FROM PUBLIC;

-- Name: FUNCTION by_provider(p_handle text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.by_provider(p_handle text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.by_provider(p_handle text) TO binhan_app;

-- Name: FUNCTION challenge(p_name text, p_purpose text, p_user uuid, p_data bytea, p_address text, p_rules jsonb); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.challenge(p_name text, p_purpose text, p_user uuid, p_data bytea, p_address text, p_rules jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.challenge(p_name text, p_purpose text, p_user uuid, p_data bytea, p_address text, p_rules jsonb) TO binhan_app;

-- Name: FUNCTION codes_of(p_username text, p_derived bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.codes_of(p_username text, p_derived bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.codes_of(p_username text, p_derived bytea) TO binhan_app;

-- Name: FUNCTION codes_of_identity(p_identity uuid, p_mark bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.codes_of_identity(p_identity uuid, p_mark bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.codes_of_identity(p_identity uuid, p_mark bytea) TO binhan_app;

-- Name: FUNCTION command_session(p_username text, p_handle text, p_hours integer); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.command_session(p_username text, p_handle text, p_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.command_session(p_username text, p_handle text, p_hours integer) TO binhan_migrator;

-- Name: FUNCTION confirm_code(p_id uuid, p_secret bytea, p_step bigint); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.confirm_code(p_id uuid, p_secret bytea, p_step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.confirm_code(p_id uuid, p_secret bytea, p_step bigint) TO binhan_app;

-- Name: FUNCTION confirm_person(p_user uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.confirm_person(p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.confirm_person(p_user uuid) TO binhan_app;

-- Name: FUNCTION decide(p_id uuid, p_grant boolean, p_code bytea, p_hours integer); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.decide(p_id uuid, p_grant boolean, p_code bytea, p_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.decide(p_id uuid, p_grant boolean, p_code bytea, p_hours integer) TO binhan_app;

-- Name: FUNCTION end_by_provider(p_order bytea, p_until timestamp with time zone, p_subject bytea, p_provider_session bytea, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.end_by_provider(p_order bytea, p_until timestamp with time zone, p_subject bytea, p_provider_session bytea, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.end_by_provider(p_order bytea, p_until timestamp with time zone, p_subject bytea, p_provider_session bytea, p_request text) TO binhan_app;

-- Name: FUNCTION end_one_of_mine(p_id uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.end_one_of_mine(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.end_one_of_mine(p_id uuid) TO binhan_app;

-- Name: FUNCTION end_others_of_mine(p_forget boolean); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.end_others_of_mine(p_forget boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.end_others_of_mine(p_forget boolean) TO binhan_app;

-- Name: FUNCTION end_session(p_handle text, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.end_session(p_handle text, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.end_session(p_handle text, p_request text) TO binhan_app;

-- Name: FUNCTION give_back(p_username text, p_device bytea, p_address text, p_known boolean); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.give_back(p_username text, p_device bytea, p_address text, p_known boolean) FROM PUBLIC;

-- Name: FUNCTION identity_of(p_subject bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.identity_of(p_subject bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.identity_of(p_subject bytea) TO binhan_app;

-- Name: FUNCTION is_admin(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.is_admin() FROM PUBLIC;

-- Name: FUNCTION is_second(p_first uuid, p_about uuid, p_org uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.is_second(p_first uuid, p_about uuid, p_org uuid) FROM PUBLIC;

-- Name: FUNCTION keep_card(p_wrapped bytea, p_sealed bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.keep_card(p_wrapped bytea, p_sealed bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.keep_card(p_wrapped bytea, p_sealed bytea) TO binhan_app;

-- Name: FUNCTION key_of(p_credential bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.key_of(p_credential bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.key_of(p_credential bytea) TO binhan_app;

-- Name: FUNCTION keys_of(p_handle text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.keys_of(p_handle text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.keys_of(p_handle text) TO binhan_app;

-- Name: FUNCTION link_identity(p_id uuid, p_issuer text, p_subject bytea, p_verifier bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.link_identity(p_id uuid, p_issuer text, p_subject bytea, p_verifier bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.link_identity(p_id uuid, p_issuer text, p_subject bytea, p_verifier bytea) TO binhan_app;

-- Name: FUNCTION linked(p_handle text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.linked(p_handle text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.linked(p_handle text) TO binhan_app;

-- Name: FUNCTION live(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.live() FROM PUBLIC;

-- Name: FUNCTION lock_session(p_handle text, p_locked boolean, p_username text, p_derived bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.lock_session(p_handle text, p_locked boolean, p_username text, p_derived bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.lock_session(p_handle text, p_locked boolean, p_username text, p_derived bytea) TO binhan_app;

-- Name: FUNCTION my_card(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.my_card() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.my_card() TO binhan_app;

-- Name: FUNCTION my_codes(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.my_codes() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.my_codes() TO binhan_app;

-- Name: FUNCTION my_devices(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.my_devices() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.my_devices() TO binhan_app;

-- Name: FUNCTION my_factors(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.my_factors() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.my_factors() TO binhan_app;

-- Name: FUNCTION my_identities(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.my_identities() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.my_identities() TO binhan_app;

-- Name: FUNCTION my_sessions(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.my_sessions() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.my_sessions() TO binhan_app;

-- Name: FUNCTION name_factor(p_id uuid, p_name text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.name_factor(p_id uuid, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.name_factor(p_id uuid, p_name text) TO binhan_app;

-- Name: FUNCTION note(p_user uuid, p_handle text, p_act text, p_decision text, p_reason text, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.note(p_user uuid, p_handle text, p_act text, p_decision text, p_reason text, p_request text) FROM PUBLIC;

-- Name: FUNCTION offer_code(p_id uuid, p_name text, p_wrapped bytea, p_sealed bytea, p_verifier bytea); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.offer_code(p_id uuid, p_name text, p_wrapped bytea, p_sealed bytea, p_verifier bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.offer_code(p_id uuid, p_name text, p_wrapped bytea, p_sealed bytea, p_verifier bytea) TO binhan_app;

-- Name: FUNCTION open_by_identity(p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.open_by_identity(p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.open_by_identity(p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) TO binhan_app;

-- Name: FUNCTION open_session(p_username text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.open_session(p_username text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.open_session(p_username text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_recovery bytea, p_handle text, p_kind text, p_hours integer, p_device bytea, p_label text, p_address text, p_rules jsonb, p_request text) TO binhan_app;

-- Name: FUNCTION org_id(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.org_id() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.org_id() TO binhan_app;

-- Name: FUNCTION pending(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.pending() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.pending() TO binhan_app;

-- Name: FUNCTION people(p_id uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.people(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.people(p_id uuid) TO binhan_app;

-- Name: FUNCTION principals(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.principals() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.principals() TO binhan_app;

-- Name: FUNCTION propose(p_id uuid, p_kind text, p_user uuid, p_username text, p_name text, p_org uuid, p_role text, p_supervisor uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.propose(p_id uuid, p_kind text, p_user uuid, p_username text, p_name text, p_org uuid, p_role text, p_supervisor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.propose(p_id uuid, p_kind text, p_user uuid, p_username text, p_name text, p_org uuid, p_role text, p_supervisor uuid) TO binhan_app;

-- Name: FUNCTION prove(p_handle text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_new text, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.prove(p_handle text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_new text, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.prove(p_handle text, p_derived bytea, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer, p_new text, p_request text) TO binhan_app;

-- Name: FUNCTION prove_by_identity(p_session bytea, p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_new text, p_rules jsonb, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.prove_by_identity(p_session bytea, p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_new text, p_rules jsonb, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.prove_by_identity(p_session bytea, p_identity uuid, p_mark bytea, p_strong boolean, p_proved timestamp with time zone, p_provider_session bytea, p_new text, p_rules jsonb, p_request text) TO binhan_app;

-- Name: FUNCTION refuse_identity(p_user uuid, p_reason text, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.refuse_identity(p_user uuid, p_reason text, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.refuse_identity(p_user uuid, p_reason text, p_request text) TO binhan_app;

-- Name: FUNCTION rehash(p_handle text, p_salt bytea, p_verifier bytea, p_argon text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.rehash(p_handle text, p_salt bytea, p_verifier bytea, p_argon text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.rehash(p_handle text, p_salt bytea, p_verifier bytea, p_argon text) TO binhan_app;

-- Name: FUNCTION release(p_user uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.release(p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.release(p_user uuid) TO binhan_app;

-- Name: FUNCTION remove_factor(p_id uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.remove_factor(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.remove_factor(p_id uuid) TO binhan_app;

-- Name: FUNCTION renew_codes(p_hashes bytea[]); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.renew_codes(p_hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.renew_codes(p_hashes bytea[]) TO binhan_app;

-- Name: FUNCTION replayed(p_handle text, p_key text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.replayed(p_handle text, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.replayed(p_handle text, p_key text) TO binhan_app;

-- Name: FUNCTION salt(p_username text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.salt(p_username text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.salt(p_username text) TO binhan_app;

-- Name: FUNCTION saw_my_devices(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.saw_my_devices() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.saw_my_devices() TO binhan_app;

-- Name: FUNCTION self(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.self() FROM PUBLIC;

-- Name: FUNCTION set_my_password(p_salt bytea, p_verifier bytea, p_argon text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.set_my_password(p_salt bytea, p_verifier bytea, p_argon text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.set_my_password(p_salt bytea, p_verifier bytea, p_argon text) TO binhan_app;

-- Name: FUNCTION set_up(p_username text, p_code bytea, p_salt bytea, p_verifier bytea, p_argon text, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.set_up(p_username text, p_code bytea, p_salt bytea, p_verifier bytea, p_argon text, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.set_up(p_username text, p_code bytea, p_salt bytea, p_verifier bytea, p_argon text, p_request text) TO binhan_app;

-- Name: FUNCTION sign_in(p_username text, p_derived bytea, p_handle text, p_kind text, p_hours integer, p_request text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.sign_in(p_username text, p_derived bytea, p_handle text, p_kind text, p_hours integer, p_request text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.sign_in(p_username text, p_derived bytea, p_handle text, p_kind text, p_hours integer, p_request text) TO binhan_app;

-- Name: FUNCTION staff(p_ids uuid[]); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.staff(p_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.staff(p_ids uuid[]) TO binhan_app;
GRANT ALL ON FUNCTION auth.staff(p_ids uuid[]) TO binhan_auditor;

-- Name: FUNCTION start_reset(p_user uuid, p_code bytea, p_hours integer); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.start_reset(p_user uuid, p_code bytea, p_hours integer) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.start_reset(p_user uuid, p_code bytea, p_hours integer) TO binhan_app;

-- Name: FUNCTION take(p_key bytea, p_kind text, p_user uuid, p_limit integer, p_window integer, p_longest integer, p_stop integer); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.take(p_key bytea, p_kind text, p_user uuid, p_limit integer, p_window integer, p_longest integer, p_stop integer) FROM PUBLIC;

-- Name: FUNCTION take_challenge(p_name text, p_purpose text, p_user uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.take_challenge(p_name text, p_purpose text, p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.take_challenge(p_name text, p_purpose text, p_user uuid) TO binhan_app;

-- Name: FUNCTION unlink_identity(p_id uuid); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.unlink_identity(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.unlink_identity(p_id uuid) TO binhan_app;

-- Name: FUNCTION use_factor(p_user uuid, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.use_factor(p_user uuid, p_factor uuid, p_secret bytea, p_step bigint, p_count bigint, p_flags integer) FROM PUBLIC;

-- Name: FUNCTION user_id(); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.user_id() TO binhan_app;
GRANT ALL ON FUNCTION auth.user_id() TO binhan_releaser;

-- Name: FUNCTION whoami(p_handle text); Type: ACL; Schema: auth; Owner: binhan_keeper

REVOKE ALL ON FUNCTION auth.whoami(p_handle text) FROM PUBLIC;
GRANT ALL ON FUNCTION auth.whoami(p_handle text) TO binhan_app;

-- Name: FUNCTION begin_report(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.begin_report() FROM PUBLIC;

-- Name: FUNCTION check_draft(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.check_draft() FROM PUBLIC;

-- Name: FUNCTION check_edition(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.check_edition() FROM PUBLIC;

-- Name: FUNCTION check_figure(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.check_figure() FROM PUBLIC;

-- Name: FUNCTION check_submission(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.check_submission() FROM PUBLIC;

-- Name: FUNCTION check_version(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.check_version() FROM PUBLIC;

-- Name: FUNCTION department(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.department() FROM PUBLIC;
GRANT ALL ON FUNCTION campaign.department() TO binhan_app;

-- Name: FUNCTION legal_move(p_move text, p_from text, p_to text); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.legal_move(p_move text, p_from text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION campaign.legal_move(p_move text, p_from text, p_to text) TO binhan_app;

-- Name: FUNCTION legal_step(p_from text, p_to text); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.legal_step(p_from text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION campaign.legal_step(p_from text, p_to text) TO binhan_app;

-- Name: FUNCTION move_report(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.move_report() FROM PUBLIC;

-- Name: FUNCTION refuse_change(); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.refuse_change() FROM PUBLIC;

-- Name: FUNCTION remind(p_id uuid, p_unit uuid); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.remind(p_id uuid, p_unit uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION campaign.remind(p_id uuid, p_unit uuid) TO binhan_app;

-- Name: FUNCTION sound(p_body jsonb); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.sound(p_body jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION campaign.sound(p_body jsonb) TO binhan_app;

-- Name: FUNCTION tell_returned(p_unit uuid); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.tell_returned(p_unit uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION campaign.tell_returned(p_unit uuid) TO binhan_app;

-- Name: FUNCTION writes(p_unit uuid); Type: ACL; Schema: campaign; Owner: binhan_owner

REVOKE ALL ON FUNCTION campaign.writes(p_unit uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION campaign.writes(p_unit uuid) TO binhan_app;

-- Name: FUNCTION enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text, p_limit integer, p_window integer); Type: ACL; Schema: gate; Owner: binhan_keeper

REVOKE ALL ON FUNCTION gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text, p_limit integer, p_window integer) FROM PUBLIC;
GRANT ALL ON FUNCTION gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text, p_limit integer, p_window integer) TO binhan_app;
GRANT ALL ON FUNCTION gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text, p_limit integer, p_window integer) TO binhan_releaser;
GRANT ALL ON FUNCTION gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text, p_limit integer, p_window integer) TO binhan_statistics;
GRANT ALL ON FUNCTION gate.enter(p_handle text, p_standings text, p_kind text, p_id uuid, p_budget text, p_limit integer, p_window integer) TO binhan_auditor;

-- Name: FUNCTION named_objects(p_objects text[]); Type: ACL; Schema: gate; Owner: binhan_keeper

REVOKE ALL ON FUNCTION gate.named_objects(p_objects text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION gate.named_objects(p_objects text[]) TO binhan_app;

-- Name: FUNCTION sealed(p_case uuid); Type: ACL; Schema: gate; Owner: binhan_keeper

REVOKE ALL ON FUNCTION gate.sealed(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION gate.sealed(p_case uuid) TO binhan_app;
GRANT ALL ON FUNCTION gate.sealed(p_case uuid) TO binhan_auditor;
GRANT ALL ON FUNCTION gate.sealed(p_case uuid) TO binhan_owner;

-- Name: FUNCTION standings(); Type: ACL; Schema: gate; Owner: binhan_owner

REVOKE ALL ON FUNCTION gate.standings() FROM PUBLIC;
GRANT ALL ON FUNCTION gate.standings() TO binhan_app;

-- Name: FUNCTION walled(p_user uuid, p_case uuid); Type: ACL; Schema: gate; Owner: binhan_keeper

REVOKE ALL ON FUNCTION gate.walled(p_user uuid, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION gate.walled(p_user uuid, p_case uuid) TO binhan_owner;

-- Name: FUNCTION walls(); Type: ACL; Schema: gate; Owner: binhan_keeper

REVOKE ALL ON FUNCTION gate.walls() FROM PUBLIC;
GRANT ALL ON FUNCTION gate.walls() TO binhan_app;

-- Name: FUNCTION follows(a bytea, b bytea); Type: ACL; Schema: keys; Owner: binhan_keeper

REVOKE ALL ON FUNCTION keys.follows(a bytea, b bytea) FROM PUBLIC;

-- Name: FUNCTION older(p_version bigint); Type: ACL; Schema: keys; Owner: binhan_keeper

REVOKE ALL ON FUNCTION keys.older(p_version bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION keys.older(p_version bigint) TO binhan_migrator;

-- Name: FUNCTION put(p_place text, p_ids uuid[], p_old bytea[], p_new bytea[]); Type: ACL; Schema: keys; Owner: binhan_keeper

REVOKE ALL ON FUNCTION keys.put(p_place text, p_ids uuid[], p_old bytea[], p_new bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION keys.put(p_place text, p_ids uuid[], p_old bytea[], p_new bytea[]) TO binhan_migrator;

-- Name: FUNCTION put_file(p_id uuid, p_old bytea, p_new bytea, p_version bigint); Type: ACL; Schema: keys; Owner: binhan_keeper

REVOKE ALL ON FUNCTION keys.put_file(p_id uuid, p_old bytea, p_new bytea, p_version bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION keys.put_file(p_id uuid, p_old bytea, p_new bytea, p_version bigint) TO binhan_migrator;

-- Name: FUNCTION take(p_place text, p_version bigint, p_after uuid, p_limit integer); Type: ACL; Schema: keys; Owner: binhan_keeper

REVOKE ALL ON FUNCTION keys.take(p_place text, p_version bigint, p_after uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION keys.take(p_place text, p_version bigint, p_after uuid, p_limit integer) TO binhan_migrator;

-- Name: FUNCTION take_files(p_version bigint, p_after uuid, p_limit integer); Type: ACL; Schema: keys; Owner: binhan_keeper

REVOKE ALL ON FUNCTION keys.take_files(p_version bigint, p_after uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION keys.take_files(p_version bigint, p_after uuid, p_limit integer) TO binhan_migrator;

-- Name: FUNCTION version(p_key bytea); Type: ACL; Schema: keys; Owner: binhan_keeper

REVOKE ALL ON FUNCTION keys.version(p_key bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION keys.version(p_key bytea) TO binhan_migrator;

-- Name: FUNCTION approve(p_erasure uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.approve(p_erasure uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.approve(p_erasure uuid) TO binhan_app;

-- Name: FUNCTION bar(p_case uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.bar(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.bar(p_case uuid) TO binhan_app;

-- Name: FUNCTION breach_moves_legally(); Type: ACL; Schema: rights; Owner: binhan_owner

REVOKE ALL ON FUNCTION rights.breach_moves_legally() FROM PUBLIC;

-- Name: FUNCTION corrections_of(p_request uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.corrections_of(p_request uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.corrections_of(p_request uuid) TO binhan_app;

-- Name: FUNCTION due(p_unconverted integer, p_within integer, p_limit integer); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.due(p_unconverted integer, p_within integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.due(p_unconverted integer, p_within integer, p_limit integer) TO binhan_app;

-- Name: FUNCTION empty_case(p_case uuid, OUT keys integer, OUT snapshots integer, OUT sealed_values integer, OUT files integer); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.empty_case(p_case uuid, OUT keys integer, OUT snapshots integer, OUT sealed_values integer, OUT files integer) FROM PUBLIC;

-- Name: FUNCTION files_held(p_erasure uuid, p_held integer); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.files_held(p_erasure uuid, p_held integer) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.files_held(p_erasure uuid, p_held integer) TO binhan_app;

-- Name: FUNCTION find_case(p_text text); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.find_case(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.find_case(p_text text) TO binhan_app;

-- Name: FUNCTION held(p_case uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.held(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.held(p_case uuid) TO binhan_app;

-- Name: FUNCTION lifted_once(); Type: ACL; Schema: rights; Owner: binhan_owner

REVOKE ALL ON FUNCTION rights.lifted_once() FROM PUBLIC;

-- Name: FUNCTION must_be_free(); Type: ACL; Schema: rights; Owner: binhan_owner

REVOKE ALL ON FUNCTION rights.must_be_free() FROM PUBLIC;

-- Name: FUNCTION name_corrections(p_request uuid, p_ids uuid[]); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.name_corrections(p_request uuid, p_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.name_corrections(p_request uuid, p_ids uuid[]) TO binhan_app;

-- Name: FUNCTION office(); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.office() FROM PUBLIC;
GRANT ALL ON FUNCTION rights.office() TO binhan_app;

-- Name: FUNCTION owners(p_case uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.owners(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.owners(p_case uuid) TO binhan_app;

-- Name: FUNCTION refuse_change(); Type: ACL; Schema: rights; Owner: binhan_owner

REVOKE ALL ON FUNCTION rights.refuse_change() FROM PUBLIC;

-- Name: FUNCTION refuse_erasure(p_erasure uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.refuse_erasure(p_erasure uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.refuse_erasure(p_erasure uuid) TO binhan_app;

-- Name: FUNCTION replay(p_owners uuid[], p_facts bytea[]); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.replay(p_owners uuid[], p_facts bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.replay(p_owners uuid[], p_facts bytea[]) TO binhan_migrator;

-- Name: FUNCTION request_moves_legally(); Type: ACL; Schema: rights; Owner: binhan_owner

REVOKE ALL ON FUNCTION rights.request_moves_legally() FROM PUBLIC;

-- Name: FUNCTION sees(p_case uuid); Type: ACL; Schema: rights; Owner: binhan_owner

REVOKE ALL ON FUNCTION rights.sees(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.sees(p_case uuid) TO binhan_app;

-- Name: FUNCTION shred(p_erasure uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.shred(p_erasure uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.shred(p_erasure uuid) TO binhan_app;

-- Name: FUNCTION steers(p_case uuid); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.steers(p_case uuid) FROM PUBLIC;

-- Name: FUNCTION taken_back(p_case uuid, p_since timestamp with time zone); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.taken_back(p_case uuid, p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.taken_back(p_case uuid, p_since timestamp with time zone) TO binhan_app;

-- Name: FUNCTION unreplayed(p_owners uuid[]); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.unreplayed(p_owners uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION rights.unreplayed(p_owners uuid[]) TO binhan_app;

-- Name: FUNCTION wait_for_writers(); Type: ACL; Schema: rights; Owner: binhan_keeper

REVOKE ALL ON FUNCTION rights.wait_for_writers() FROM PUBLIC;

-- Name: FUNCTION accept(p_referral uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.accept(p_referral uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.accept(p_referral uuid) TO binhan_app;

-- Name: FUNCTION address(p_referral uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.address(p_referral uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.address(p_referral uuid) TO binhan_app;

-- Name: FUNCTION agree_seal(p_seal uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.agree_seal(p_seal uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.agree_seal(p_seal uuid) TO binhan_app;

-- Name: FUNCTION ask_safety(p_id uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.ask_safety(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.ask_safety(p_id uuid) TO binhan_app;

-- Name: FUNCTION ask_seal(p_id uuid, p_case uuid, p_why text, p_names text[], p_second text); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.ask_seal(p_id uuid, p_case uuid, p_why text, p_names text[], p_second text) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.ask_seal(p_id uuid, p_case uuid, p_why text, p_names text[], p_second text) TO binhan_app;

-- Name: FUNCTION ask_unseal(p_case uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.ask_unseal(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.ask_unseal(p_case uuid) TO binhan_app;

-- Name: FUNCTION assign(p_case uuid, p_user uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.assign(p_case uuid, p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.assign(p_case uuid, p_user uuid) TO binhan_app;

-- Name: FUNCTION break_glass(p_id uuid, p_case uuid, p_spoken text, p_code text, p_hours integer, p_daily integer, p_due timestamp with time zone); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.break_glass(p_id uuid, p_case uuid, p_spoken text, p_code text, p_hours integer, p_daily integer, p_due timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.break_glass(p_id uuid, p_case uuid, p_spoken text, p_code text, p_hours integer, p_daily integer, p_due timestamp with time zone) TO binhan_app;

-- Name: FUNCTION end_referral(p_referral uuid, p_why text); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.end_referral(p_referral uuid, p_why text) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.end_referral(p_referral uuid, p_why text) TO binhan_app;

-- Name: FUNCTION follow_status(); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.follow_status() FROM PUBLIC;

-- Name: FUNCTION forward(p_new uuid, p_talk bytea); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.forward(p_new uuid, p_talk bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.forward(p_new uuid, p_talk bytea) TO binhan_app;

-- Name: FUNCTION holders_without_tokens(); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.holders_without_tokens() FROM PUBLIC;
GRANT ALL ON FUNCTION standing.holders_without_tokens() TO binhan_migrator;

-- Name: FUNCTION known(p_kinds text[], p_tokens bytea[], p_near boolean); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.known(p_kinds text[], p_tokens bytea[], p_near boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.known(p_kinds text[], p_tokens bytea[], p_near boolean) TO binhan_app;

-- Name: FUNCTION legal_move(p_from text, p_to text); Type: ACL; Schema: standing; Owner: binhan_owner

REVOKE ALL ON FUNCTION standing.legal_move(p_from text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.legal_move(p_from text, p_to text) TO binhan_app;
GRANT ALL ON FUNCTION standing.legal_move(p_from text, p_to text) TO binhan_keeper;

-- Name: FUNCTION lift_wall(p_case uuid, p_wall uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.lift_wall(p_case uuid, p_wall uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.lift_wall(p_case uuid, p_wall uuid) TO binhan_app;

-- Name: FUNCTION move_legally(); Type: ACL; Schema: standing; Owner: binhan_owner

REVOKE ALL ON FUNCTION standing.move_legally() FROM PUBLIC;

-- Name: FUNCTION my_staff(); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.my_staff() FROM PUBLIC;
GRANT ALL ON FUNCTION standing.my_staff() TO binhan_app;

-- Name: FUNCTION open_cases(p_cases uuid[]); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.open_cases(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.open_cases(p_cases uuid[]) TO binhan_app;

-- Name: FUNCTION open_safety(p_id uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.open_safety(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.open_safety(p_id uuid) TO binhan_app;

-- Name: FUNCTION owes_review(p_user uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.owes_review(p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.owes_review(p_user uuid) TO binhan_app;

-- Name: FUNCTION review_break_glass(p_id uuid, p_verdict text); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.review_break_glass(p_id uuid, p_verdict text) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.review_break_glass(p_id uuid, p_verdict text) TO binhan_app;

-- Name: FUNCTION seals_waiting(); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.seals_waiting() FROM PUBLIC;
GRANT ALL ON FUNCTION standing.seals_waiting() TO binhan_app;

-- Name: FUNCTION shared(p_referral uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.shared(p_referral uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.shared(p_referral uuid) TO binhan_app;

-- Name: FUNCTION somebody_there(p_case uuid, p_org uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.somebody_there(p_case uuid, p_org uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.somebody_there(p_case uuid, p_org uuid) TO binhan_app;

-- Name: FUNCTION staff_of(p_org uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.staff_of(p_org uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.staff_of(p_org uuid) TO binhan_app;

-- Name: FUNCTION tell(p_to uuid, p_kind text, p_case uuid, p_subject uuid); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.tell(p_to uuid, p_kind text, p_case uuid, p_subject uuid) FROM PUBLIC;

-- Name: FUNCTION tell_known(p_cases uuid[]); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.tell_known(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.tell_known(p_cases uuid[]) TO binhan_app;

-- Name: FUNCTION tell_spent(p_budget text); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.tell_spent(p_budget text) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.tell_spent(p_budget text) TO binhan_app;

-- Name: FUNCTION wall(p_id uuid, p_case uuid, p_username text, p_why text); Type: ACL; Schema: standing; Owner: binhan_keeper

REVOKE ALL ON FUNCTION standing.wall(p_id uuid, p_case uuid, p_username text, p_why text) FROM PUBLIC;
GRANT ALL ON FUNCTION standing.wall(p_id uuid, p_case uuid, p_username text, p_why text) TO binhan_app;

-- Name: FUNCTION withdraw_once(); Type: ACL; Schema: standing; Owner: binhan_owner

REVOKE ALL ON FUNCTION standing.withdraw_once() FROM PUBLIC;

-- Name: FUNCTION check_cells(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_cells() FROM PUBLIC;

-- Name: FUNCTION check_cube(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_cube() FROM PUBLIC;

-- Name: FUNCTION check_erratum(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_erratum() FROM PUBLIC;

-- Name: FUNCTION check_frozen(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_frozen() FROM PUBLIC;

-- Name: FUNCTION check_frozen_late(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_frozen_late() FROM PUBLIC;

-- Name: FUNCTION check_ledger(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_ledger() FROM PUBLIC;

-- Name: FUNCTION check_measurements(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_measurements() FROM PUBLIC;

-- Name: FUNCTION check_plan(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_plan() FROM PUBLIC;

-- Name: FUNCTION check_plan_version(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.check_plan_version() FROM PUBLIC;

-- Name: FUNCTION drop_fact(ref bytea); Type: ACL; Schema: stats; Owner: binhan_keeper

REVOKE ALL ON FUNCTION stats.drop_fact(ref bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION stats.drop_fact(ref bytea) TO binhan_app;

-- Name: FUNCTION drop_late(ref bytea); Type: ACL; Schema: stats; Owner: binhan_keeper

REVOKE ALL ON FUNCTION stats.drop_late(ref bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION stats.drop_late(ref bytea) TO binhan_app;

-- Name: FUNCTION freeze_facts(cube uuid, for_attempt integer); Type: ACL; Schema: stats; Owner: binhan_keeper

REVOKE ALL ON FUNCTION stats.freeze_facts(cube uuid, for_attempt integer) FROM PUBLIC;
GRANT ALL ON FUNCTION stats.freeze_facts(cube uuid, for_attempt integer) TO binhan_releaser;

-- Name: FUNCTION links_exist(cube uuid); Type: ACL; Schema: stats; Owner: binhan_keeper

REVOKE ALL ON FUNCTION stats.links_exist(cube uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION stats.links_exist(cube uuid) TO binhan_releaser;

-- Name: FUNCTION put_fact(ref bytea, scope text, received_on date, area text, commune text, form text, forms text[], sex text, age text, relation text, sex_perp text, ethnic text); Type: ACL; Schema: stats; Owner: binhan_keeper

REVOKE ALL ON FUNCTION stats.put_fact(ref bytea, scope text, received_on date, area text, commune text, form text, forms text[], sex text, age text, relation text, sex_perp text, ethnic text) FROM PUBLIC;
GRANT ALL ON FUNCTION stats.put_fact(ref bytea, scope text, received_on date, area text, commune text, form text, forms text[], sex text, age text, relation text, sex_perp text, ethnic text) TO binhan_app;

-- Name: FUNCTION put_late(ref bytea, closed_on date, service text, outcome text, time_bin text); Type: ACL; Schema: stats; Owner: binhan_keeper

REVOKE ALL ON FUNCTION stats.put_late(ref bytea, closed_on date, service text, outcome text, time_bin text) FROM PUBLIC;
GRANT ALL ON FUNCTION stats.put_late(ref bytea, closed_on date, service text, outcome text, time_bin text) TO binhan_app;

-- Name: FUNCTION put_link(ref bytea, token bytea); Type: ACL; Schema: stats; Owner: binhan_keeper

REVOKE ALL ON FUNCTION stats.put_link(ref bytea, token bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION stats.put_link(ref bytea, token bytea) TO binhan_app;

-- Name: FUNCTION refuse_change(); Type: ACL; Schema: stats; Owner: binhan_owner

REVOKE ALL ON FUNCTION stats.refuse_change() FROM PUBLIC;

-- Name: TABLE entries; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE audit.entries TO binhan_keeper;
GRANT SELECT ON TABLE audit.entries TO binhan_sealer;

-- Name: TABLE entries_first; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE audit.entries_first TO binhan_keeper;

-- Name: SEQUENCE entry_ids; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT USAGE ON SEQUENCE audit.entry_ids TO binhan_keeper;

-- Name: TABLE reviews; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE audit.reviews TO binhan_keeper;

-- Name: TABLE seals; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE audit.seals TO binhan_sealer;

-- Name: COLUMN seals.size; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT(size) ON TABLE audit.seals TO binhan_auditor;

-- Name: COLUMN seals.base; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT(base) ON TABLE audit.seals TO binhan_auditor;

-- Name: COLUMN seals.xact; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT(xact) ON TABLE audit.seals TO binhan_auditor;

-- Name: COLUMN seals.entry; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT(entry) ON TABLE audit.seals TO binhan_auditor;

-- Name: COLUMN seals.checkpoint; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT(checkpoint) ON TABLE audit.seals TO binhan_auditor;

-- Name: COLUMN seals.sealed_at; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT(sealed_at) ON TABLE audit.seals TO binhan_auditor;

-- Name: TABLE ties; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE ON TABLE audit.ties TO binhan_keeper;

-- Name: TABLE users; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.users TO binhan_keeper;

-- Name: TABLE organisations; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.organisations TO binhan_keeper;
GRANT SELECT ON TABLE public.organisations TO binhan_app;

-- Name: TABLE trail; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT ON TABLE audit.trail TO binhan_auditor;

-- Name: TABLE watched; Type: ACL; Schema: audit; Owner: binhan_owner

GRANT SELECT,UPDATE ON TABLE audit.watched TO binhan_keeper;

-- Name: TABLE buckets; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.buckets TO binhan_keeper;

-- Name: TABLE cards; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.cards TO binhan_keeper;

-- Name: TABLE challenges; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.challenges TO binhan_keeper;

-- Name: TABLE devices; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.devices TO binhan_keeper;

-- Name: TABLE factors; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.factors TO binhan_keeper;

-- Name: COLUMN factors.wrapped; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT UPDATE(wrapped) ON TABLE auth.factors TO binhan_keeper;

-- Name: TABLE identities; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.identities TO binhan_keeper;

-- Name: TABLE logout_orders; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.logout_orders TO binhan_keeper;

-- Name: TABLE memberships; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.memberships TO binhan_keeper;

-- Name: TABLE proposals; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.proposals TO binhan_keeper;

-- Name: TABLE recovery_codes; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.recovery_codes TO binhan_keeper;

-- Name: TABLE sessions; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.sessions TO binhan_keeper;

-- Name: TABLE setup_codes; Type: ACL; Schema: auth; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE auth.setup_codes TO binhan_keeper;

-- Name: TABLE drafts; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.drafts TO binhan_app;

-- Name: COLUMN drafts.version; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(version) ON TABLE campaign.drafts TO binhan_app;

-- Name: COLUMN drafts.body; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(body) ON TABLE campaign.drafts TO binhan_app;

-- Name: COLUMN drafts.updated_at; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(updated_at) ON TABLE campaign.drafts TO binhan_app;

-- Name: COLUMN drafts.updated_by; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(updated_by) ON TABLE campaign.drafts TO binhan_app;

-- Name: TABLE editions; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.editions TO binhan_app;

-- Name: TABLE moves; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.moves TO binhan_app;

-- Name: TABLE reminders; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT ON TABLE campaign.reminders TO binhan_app;

-- Name: TABLE reports; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT ON TABLE campaign.reports TO binhan_app;

-- Name: COLUMN reports.version; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(version) ON TABLE campaign.reports TO binhan_app;

-- Name: COLUMN reports.body; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(body) ON TABLE campaign.reports TO binhan_app;

-- Name: TABLE submissions; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.submissions TO binhan_app;

-- Name: TABLE units; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.units TO binhan_app;

-- Name: COLUMN units.organisation_id; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(organisation_id) ON TABLE campaign.units TO binhan_app;

-- Name: COLUMN units.removed_at; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(removed_at) ON TABLE campaign.units TO binhan_app;

-- Name: TABLE version_figures; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.version_figures TO binhan_app;

-- Name: TABLE version_units; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.version_units TO binhan_app;

-- Name: TABLE versions; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE campaign.versions TO binhan_app;

-- Name: COLUMN versions.state; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(state) ON TABLE campaign.versions TO binhan_app;

-- Name: COLUMN versions.reason; Type: ACL; Schema: campaign; Owner: binhan_owner

GRANT UPDATE(reason) ON TABLE campaign.versions TO binhan_app;

-- Name: TABLE files; Type: ACL; Schema: keys; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE keys.files TO binhan_keeper;

-- Name: TABLE places; Type: ACL; Schema: keys; Owner: binhan_owner

GRANT SELECT ON TABLE keys.places TO binhan_keeper;

-- Name: TABLE break_glass; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.break_glass TO binhan_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.break_glass TO binhan_keeper;

-- Name: COLUMN break_glass.reason; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(reason) ON TABLE public.break_glass TO binhan_app;
GRANT UPDATE(reason) ON TABLE public.break_glass TO binhan_keeper;

-- Name: COLUMN break_glass.review; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(review) ON TABLE public.break_glass TO binhan_app;

-- Name: TABLE budget_spent; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.budget_spent TO binhan_keeper;

-- Name: TABLE case_closures; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.case_closures TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.case_closures TO binhan_app;

-- Name: COLUMN case_closures.note; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(note) ON TABLE public.case_closures TO binhan_keeper;

-- Name: TABLE case_history; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,DELETE ON TABLE public.case_history TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.case_history TO binhan_app;

-- Name: TABLE case_keys; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE public.case_keys TO binhan_app;
GRANT SELECT,DELETE ON TABLE public.case_keys TO binhan_keeper;

-- Name: COLUMN case_keys.identity; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(identity) ON TABLE public.case_keys TO binhan_keeper;

-- Name: COLUMN case_keys.safety; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(safety) ON TABLE public.case_keys TO binhan_keeper;

-- Name: COLUMN case_keys.narrative; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(narrative) ON TABLE public.case_keys TO binhan_keeper;

-- Name: COLUMN case_keys.evidence; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(evidence) ON TABLE public.case_keys TO binhan_keeper;

-- Name: TABLE case_openings; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.case_openings TO binhan_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.case_openings TO binhan_keeper;

-- Name: COLUMN case_openings.why; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(why) ON TABLE public.case_openings TO binhan_app;

-- Name: TABLE case_seal_names; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE public.case_seal_names TO binhan_keeper;

-- Name: TABLE case_seals; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE public.case_seals TO binhan_keeper;

-- Name: TABLE case_standings; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE public.case_standings TO binhan_keeper;
GRANT SELECT ON TABLE public.case_standings TO binhan_app;

-- Name: TABLE case_tokens; Type: ACL; Schema: public; Owner: binhan_owner

GRANT INSERT,DELETE ON TABLE public.case_tokens TO binhan_app;
GRANT SELECT,DELETE ON TABLE public.case_tokens TO binhan_keeper;

-- Name: COLUMN case_tokens.id; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT(id) ON TABLE public.case_tokens TO binhan_app;

-- Name: COLUMN case_tokens.case_id; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT(case_id) ON TABLE public.case_tokens TO binhan_app;

-- Name: TABLE case_walls; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE public.case_walls TO binhan_keeper;
GRANT SELECT ON TABLE public.case_walls TO binhan_app;

-- Name: TABLE cases; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.cases TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.cases TO binhan_app;

-- Name: COLUMN cases.status; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(status) ON TABLE public.cases TO binhan_app;
GRANT UPDATE(status) ON TABLE public.cases TO binhan_keeper;

-- Name: COLUMN cases.risk; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(risk) ON TABLE public.cases TO binhan_app;
GRANT UPDATE(risk) ON TABLE public.cases TO binhan_keeper;

-- Name: COLUMN cases.commune; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(commune) ON TABLE public.cases TO binhan_app;
GRANT UPDATE(commune) ON TABLE public.cases TO binhan_keeper;

-- Name: COLUMN cases.area; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(area) ON TABLE public.cases TO binhan_keeper;

-- Name: COLUMN cases.owner; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(owner) ON TABLE public.cases TO binhan_keeper;

-- Name: COLUMN cases.organisation_id; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(organisation_id) ON TABLE public.cases TO binhan_keeper;

-- Name: COLUMN cases.received_on; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(received_on) ON TABLE public.cases TO binhan_app;

-- Name: COLUMN cases.updated_at; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(updated_at) ON TABLE public.cases TO binhan_keeper;
GRANT UPDATE(updated_at) ON TABLE public.cases TO binhan_app;

-- Name: COLUMN cases.version; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(version) ON TABLE public.cases TO binhan_keeper;
GRANT UPDATE(version) ON TABLE public.cases TO binhan_app;

-- Name: COLUMN cases.narrative; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(narrative) ON TABLE public.cases TO binhan_app;
GRANT UPDATE(narrative) ON TABLE public.cases TO binhan_keeper;

-- Name: TABLE consents; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.consents TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.consents TO binhan_app;

-- Name: COLUMN consents.withdrawn_at; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(withdrawn_at) ON TABLE public.consents TO binhan_app;

-- Name: COLUMN consents.narrative; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(narrative) ON TABLE public.consents TO binhan_keeper;

-- Name: TABLE idempotency; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.idempotency TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.idempotency TO binhan_app;

-- Name: TABLE import_rows; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE public.import_rows TO binhan_app;

-- Name: TABLE incidents; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,DELETE ON TABLE public.incidents TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.incidents TO binhan_app;

-- Name: COLUMN incidents.occurred_on; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(occurred_on) ON TABLE public.incidents TO binhan_app;

-- Name: COLUMN incidents."precision"; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE("precision") ON TABLE public.incidents TO binhan_app;

-- Name: COLUMN incidents.commune; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(commune) ON TABLE public.incidents TO binhan_app;

-- Name: COLUMN incidents.narrative; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(narrative) ON TABLE public.incidents TO binhan_app;

-- Name: COLUMN incidents.identity; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(identity) ON TABLE public.incidents TO binhan_app;

-- Name: TABLE my_cases; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.my_cases TO binhan_app;

-- Name: TABLE notices; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.notices TO binhan_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notices TO binhan_keeper;

-- Name: COLUMN notices.seen_at; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(seen_at) ON TABLE public.notices TO binhan_app;

-- Name: TABLE referral_keys; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE ON TABLE public.referral_keys TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.referral_keys TO binhan_app;

-- Name: COLUMN referral_keys.disclosure; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(disclosure) ON TABLE public.referral_keys TO binhan_keeper;

-- Name: TABLE referral_moves; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE public.referral_moves TO binhan_app;
GRANT SELECT ON TABLE public.referral_moves TO binhan_keeper;

-- Name: COLUMN referral_moves.sealed; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(sealed) ON TABLE public.referral_moves TO binhan_keeper;

-- Name: TABLE referral_snapshots; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE ON TABLE public.referral_snapshots TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.referral_snapshots TO binhan_app;

-- Name: TABLE referral_talk_keys; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE ON TABLE public.referral_talk_keys TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.referral_talk_keys TO binhan_app;

-- Name: COLUMN referral_talk_keys.narrative; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(narrative) ON TABLE public.referral_talk_keys TO binhan_keeper;

-- Name: TABLE referrals; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,UPDATE ON TABLE public.referrals TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.status; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(status) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.taken_by; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(taken_by) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.sent_at; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(sent_at) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.acknowledged_at; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(acknowledged_at) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.accepted_at; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(accepted_at) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.ended_at; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(ended_at) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.due_acknowledge; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(due_acknowledge) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.due_accept; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(due_accept) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.due_first_contact; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(due_first_contact) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.due_outcome; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(due_outcome) ON TABLE public.referrals TO binhan_app;

-- Name: COLUMN referrals.version; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(version) ON TABLE public.referrals TO binhan_app;

-- Name: TABLE services; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT ON TABLE public.services TO binhan_keeper;
GRANT SELECT ON TABLE public.services TO binhan_app;

-- Name: TABLE shelter_addresses; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE public.shelter_addresses TO binhan_app;
GRANT SELECT ON TABLE public.shelter_addresses TO binhan_keeper;

-- Name: COLUMN shelter_addresses.key; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(key) ON TABLE public.shelter_addresses TO binhan_keeper;

-- Name: TABLE survivors; Type: ACL; Schema: public; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE public.survivors TO binhan_app;
GRANT SELECT,DELETE ON TABLE public.survivors TO binhan_keeper;

-- Name: COLUMN survivors.identity; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(identity) ON TABLE public.survivors TO binhan_app;

-- Name: COLUMN survivors.safety; Type: ACL; Schema: public; Owner: binhan_owner

GRANT UPDATE(safety) ON TABLE public.survivors TO binhan_app;

-- Name: TABLE agreements; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT ON TABLE rights.agreements TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE rights.agreements TO binhan_app;

-- Name: TABLE breach_keys; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE rights.breach_keys TO binhan_app;
GRANT SELECT ON TABLE rights.breach_keys TO binhan_keeper;

-- Name: COLUMN breach_keys.narrative; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(narrative) ON TABLE rights.breach_keys TO binhan_keeper;

-- Name: TABLE breach_minutes; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE rights.breach_minutes TO binhan_app;

-- Name: TABLE breaches; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.classes; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(classes) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.people; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(people) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.state; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(state) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.first_sent_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(first_sent_at) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.notice_sent_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(notice_sent_at) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.persons_told_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(persons_told_at) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.closed_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(closed_at) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.version; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(version) ON TABLE rights.breaches TO binhan_app;

-- Name: COLUMN breaches.sealed; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(sealed) ON TABLE rights.breaches TO binhan_app;

-- Name: TABLE copies; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE rights.copies TO binhan_app;

-- Name: TABLE erasures; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE rights.erasures TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE rights.erasures TO binhan_app;

-- Name: TABLE handovers; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE rights.handovers TO binhan_app;

-- Name: TABLE holds; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT ON TABLE rights.holds TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE rights.holds TO binhan_app;

-- Name: COLUMN holds.lifted_by; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(lifted_by) ON TABLE rights.holds TO binhan_app;

-- Name: COLUMN holds.lifted_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(lifted_at) ON TABLE rights.holds TO binhan_app;

-- Name: TABLE request_corrections; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE rights.request_corrections TO binhan_keeper;

-- Name: TABLE request_keys; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,DELETE ON TABLE rights.request_keys TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE rights.request_keys TO binhan_app;

-- Name: COLUMN request_keys.narrative; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(narrative) ON TABLE rights.request_keys TO binhan_keeper;

-- Name: TABLE request_moves; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT ON TABLE rights.request_moves TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE rights.request_moves TO binhan_app;

-- Name: COLUMN request_moves.sealed; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(sealed) ON TABLE rights.request_moves TO binhan_keeper;

-- Name: TABLE requests; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT,UPDATE ON TABLE rights.requests TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.state; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(state) ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.due_act; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(due_act) ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.acknowledged_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(acknowledged_at) ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.extended_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(extended_at) ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.extension_code; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(extension_code) ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.ended_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(ended_at) ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.ground; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(ground) ON TABLE rights.requests TO binhan_app;

-- Name: COLUMN requests.version; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(version) ON TABLE rights.requests TO binhan_app;

-- Name: TABLE restrictions; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT ON TABLE rights.restrictions TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE rights.restrictions TO binhan_app;

-- Name: COLUMN restrictions.lifted_by; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(lifted_by) ON TABLE rights.restrictions TO binhan_app;

-- Name: COLUMN restrictions.lifted_at; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(lifted_at) ON TABLE rights.restrictions TO binhan_app;

-- Name: COLUMN restrictions.lift_ground; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT UPDATE(lift_ground) ON TABLE rights.restrictions TO binhan_app;

-- Name: TABLE terms; Type: ACL; Schema: rights; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rights.terms TO binhan_keeper;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rights.terms TO binhan_app;

-- Name: TABLE cubes; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.cubes TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.state; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(state) ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.attempt; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(attempt) ON TABLE stats.cubes TO binhan_keeper;
GRANT UPDATE(attempt) ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.closed_at; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(closed_at) ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.sha256; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(sha256) ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.published_by; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(published_by) ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.published_role; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(published_role) ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.published_at; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(published_at) ON TABLE stats.cubes TO binhan_releaser;

-- Name: COLUMN cubes.unlinked; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(unlinked) ON TABLE stats.cubes TO binhan_releaser;

-- Name: TABLE errata; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE stats.errata TO binhan_releaser;

-- Name: TABLE fact_corrections; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE stats.fact_corrections TO binhan_keeper;
GRANT SELECT ON TABLE stats.fact_corrections TO binhan_releaser;

-- Name: TABLE facts; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE stats.facts TO binhan_keeper;
GRANT SELECT ON TABLE stats.facts TO binhan_releaser;

-- Name: TABLE late_facts; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE stats.late_facts TO binhan_keeper;
GRANT SELECT ON TABLE stats.late_facts TO binhan_releaser;

-- Name: TABLE links; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE stats.links TO binhan_keeper;

-- Name: TABLE noisy_measurements; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE stats.noisy_measurements TO binhan_releaser;

-- Name: TABLE plan_versions; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE stats.plan_versions TO binhan_releaser;

-- Name: COLUMN plan_versions.approved_by; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(approved_by) ON TABLE stats.plan_versions TO binhan_releaser;

-- Name: TABLE release_plans; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE stats.release_plans TO binhan_releaser;

-- Name: COLUMN release_plans.approved_by_2; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT UPDATE(approved_by_2) ON TABLE stats.release_plans TO binhan_releaser;

-- Name: TABLE published_releases; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.published_releases TO binhan_statistics;

-- Name: TABLE open_releases; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.open_releases TO binhan_statistics;

-- Name: TABLE release_cells; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT,INSERT ON TABLE stats.release_cells TO binhan_releaser;

-- Name: TABLE published_numbers; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.published_numbers TO binhan_statistics;

-- Name: TABLE open_numbers; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.open_numbers TO binhan_statistics;

-- Name: TABLE privacy_ledger; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.privacy_ledger TO binhan_keeper;
GRANT SELECT,INSERT ON TABLE stats.privacy_ledger TO binhan_releaser;

-- Name: TABLE published_cells; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.published_cells TO binhan_statistics;

-- Name: TABLE published_errata; Type: ACL; Schema: stats; Owner: binhan_owner

GRANT SELECT ON TABLE stats.published_errata TO binhan_statistics;
