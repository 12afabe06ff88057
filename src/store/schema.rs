//! The tables, as both databases have them (a test compares the two).

#![allow(
    missing_docs,
    reason = "generated names; the migrations say what each table is for"
)]

diesel::table! {
    instance_value (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    secret_key (id) {
        id -> BigInt,
        purpose -> Text,
        secret -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    staff_member (id) {
        id -> BigInt,
        email -> Text,
        email_key -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        active -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    staff_session (id) {
        id -> BigInt,
        staff_id -> BigInt,
        token_hash -> Text,
        device -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        confirmed_at -> BigInt,
    }
}

diesel::table! {
    staff_second_factor (staff_id) {
        staff_id -> BigInt,
        secret -> Binary,
        last_step -> BigInt,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_recovery_code (id) {
        id -> BigInt,
        staff_id -> BigInt,
        code_hash -> Text,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_sign_in (id) {
        id -> BigInt,
        staff_id -> BigInt,
        token_hash -> Text,
        device -> Text,
        tries -> Integer,
        by_password -> Bool,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    staff_invitation (id) {
        id -> BigInt,
        email -> Text,
        email_key -> Text,
        name -> Text,
        role -> Text,
        invited_by -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_link (id) {
        id -> BigInt,
        purpose -> Text,
        staff_id -> BigInt,
        browser_hash -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_mail (id) {
        id -> BigInt,
        staff_id -> BigInt,
        kind -> Text,
        entity -> Nullable<Text>,
        entity_id -> Nullable<BigInt>,
        by_staff -> Nullable<BigInt>,
        first_remark -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    staff_mail_off (staff_id, kind) {
        staff_id -> BigInt,
        kind -> Text,
    }
}

diesel::table! {
    background_trouble (job, job_id) {
        job -> Text,
        job_id -> BigInt,
        since -> BigInt,
        words -> Text,
    }
}

diesel::table! {
    audit_event (id) {
        id -> BigInt,
        at -> BigInt,
        staff_id -> Nullable<BigInt>,
        action -> Text,
        entity -> Text,
        entity_id -> Nullable<BigInt>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    site_setting (id) {
        id -> BigInt,
        name -> Text,
        value -> Text,
        at -> BigInt,
        staff_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    topic (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        description -> Text,
        position -> Integer,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    subscriber (id) {
        id -> BigInt,
        email -> Text,
        email_key -> Text,
        name -> Text,
        practice -> Nullable<Text>,
        region -> Nullable<Text>,
        role -> Nullable<Text>,
        mcnz_number -> Nullable<Text>,
        status -> Text,
        status_reason -> Nullable<Text>,
        strikes -> Integer,
        paused_until -> Nullable<BigInt>,
        source -> Text,
        search_key -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        merged_into -> Nullable<BigInt>,
    }
}

diesel::table! {
    subscriber_word (subscriber_id, word) {
        subscriber_id -> BigInt,
        word -> Text,
    }
}

diesel::table! {
    saved_filter (id) {
        id -> BigInt,
        name -> Text,
        query -> Text,
        created_by -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    bulk_change (id) {
        id -> BigInt,
        action -> Text,
        topic_id -> Nullable<BigInt>,
        reason -> Text,
        asked_by -> BigInt,
        asked_at -> BigInt,
        member_count -> BigInt,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        undone_at -> Nullable<BigInt>,
        undone_by -> Nullable<BigInt>,
        undo_finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    bulk_member (bulk_id, subscriber_id) {
        bulk_id -> BigInt,
        subscriber_id -> BigInt,
        outcome -> Nullable<Text>,
        done_at -> Nullable<BigInt>,
        undo_outcome -> Nullable<Text>,
    }
}

diesel::table! {
    merged_address (address_hash) {
        address_hash -> Text,
        subscriber_id -> BigInt,
        merged_at -> BigInt,
    }
}

diesel::table! {
    subscription (subscriber_id, topic_id) {
        subscriber_id -> BigInt,
        topic_id -> BigInt,
    }
}

diesel::table! {
    signup_request (id) {
        id -> BigInt,
        subscriber_id -> BigInt,
        name -> Text,
        practice -> Nullable<Text>,
        region -> Nullable<Text>,
        role -> Nullable<Text>,
        mcnz_number -> Nullable<Text>,
        topics -> Text,
        wording_version -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        symposium_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    consent_wording (version) {
        version -> Text,
        wording -> Text,
        first_used_at -> BigInt,
    }
}

diesel::table! {
    consent_event (id) {
        id -> BigInt,
        subscriber_id -> BigInt,
        at -> BigInt,
        kind -> Text,
        channel -> Text,
        wording_version -> Nullable<Text>,
        topics -> Nullable<Text>,
        detail -> Nullable<Text>,
        staff_id -> Nullable<BigInt>,
        bulletin_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    growth_day (day) {
        day -> Text,
        joined -> BigInt,
        departed -> BigInt,
    }
}

diesel::table! {
    erased_address (address_hash) {
        address_hash -> Text,
        erased_at -> BigInt,
    }
}

diesel::table! {
    import_run (id) {
        id -> BigInt,
        staff_id -> Nullable<BigInt>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        file_name -> Text,
        source -> Text,
        basis -> Text,
        topics -> Text,
        notify -> Bool,
        content -> Nullable<Binary>,
        added -> Integer,
        unchanged -> Integer,
        refused -> Integer,
        refused_lines -> Text,
        mapping -> Nullable<Text>,
        started_at -> Nullable<BigInt>,
        line_count -> BigInt,
        lines_done -> BigInt,
    }
}

diesel::table! {
    article (id) {
        id -> BigInt,
        slug -> Text,
        kind -> Text,
        topic_id -> BigInt,
        title -> Text,
        summary -> Text,
        body -> Text,
        practice_points -> Text,
        authors -> Text,
        conflicts -> Text,
        reference_list -> Text,
        reviewer_id -> Nullable<BigInt>,
        review_by -> Nullable<Text>,
        state -> Text,
        version -> Integer,
        created_by -> BigInt,
        updated_by -> BigInt,
        approved_by -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        approved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    article_revision (id) {
        id -> BigInt,
        article_id -> BigInt,
        version -> Integer,
        saved_by -> BigInt,
        saved_at -> BigInt,
        content -> Text,
    }
}

diesel::table! {
    publication (article_id) {
        article_id -> BigInt,
        slug -> Text,
        version -> Integer,
        kind -> Text,
        topic_id -> BigInt,
        title -> Text,
        summary -> Text,
        body -> Text,
        practice_points -> Text,
        authors -> Text,
        conflicts -> Text,
        reference_list -> Text,
        review_by -> Nullable<Text>,
        approved_by -> BigInt,
        approved_at -> BigInt,
        first_published_at -> BigInt,
        published_at -> BigInt,
        case_ground -> Nullable<Text>,
        approved_as -> Nullable<Text>,
    }
}

diesel::table! {
    patient_consent (id) {
        id -> BigInt,
        article_id -> BigInt,
        taken_by -> Text,
        taken_on -> Text,
        scope -> Text,
        recorded_by -> BigInt,
        recorded_at -> BigInt,
        withdrawn_by -> Nullable<BigInt>,
        withdrawn_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    deidentification_tick (id) {
        id -> BigInt,
        article_id -> BigInt,
        version -> Integer,
        item -> Text,
        ticked_by -> BigInt,
        ticked_at -> BigInt,
    }
}

diesel::table! {
    supersession (article_id) {
        article_id -> BigInt,
        successor_id -> BigInt,
        set_by -> BigInt,
        set_at -> BigInt,
    }
}

diesel::table! {
    image (hash) {
        hash -> Text,
        format -> Text,
        width -> Integer,
        height -> Integer,
        byte_count -> Integer,
        content -> Binary,
        alt -> Text,
        uploaded_by -> BigInt,
        uploaded_at -> BigInt,
    }
}

diesel::table! {
    bulletin (id) {
        id -> BigInt,
        slug -> Text,
        subject -> Text,
        preheader -> Text,
        introduction -> Text,
        state -> Text,
        version -> Integer,
        created_by -> BigInt,
        updated_by -> BigInt,
        approved_by -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        approved_at -> Nullable<BigInt>,
        scheduled_for -> Nullable<BigInt>,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        audience_count -> BigInt,
        waiting_for -> Nullable<Text>,
        frozen_html -> Nullable<Text>,
        frozen_text -> Nullable<Text>,
        symposium_id -> Nullable<BigInt>,
        narrowing -> Text,
        corrects_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    bulletin_article (bulletin_id, article_id) {
        bulletin_id -> BigInt,
        article_id -> BigInt,
        position -> Integer,
        form -> Text,
    }
}

diesel::table! {
    bulletin_topic (bulletin_id, topic_id) {
        bulletin_id -> BigInt,
        topic_id -> BigInt,
    }
}

diesel::table! {
    bulletin_wave (bulletin_id) {
        bulletin_id -> BigInt,
        first_count -> BigInt,
        wait_minutes -> BigInt,
        first_until -> Nullable<BigInt>,
        rest_at -> Nullable<BigInt>,
        judged_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    bulletin_override (bulletin_id, check_name) {
        bulletin_id -> BigInt,
        check_name -> Text,
        version -> Integer,
        fingerprint -> Text,
        finding -> Text,
        reason -> Text,
        staff_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    link_check (url) {
        url -> Text,
        wanted_at -> BigInt,
        checked_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    bulletin_writer (bulletin_id, staff_id) {
        bulletin_id -> BigInt,
        staff_id -> BigInt,
    }
}

diesel::table! {
    bulletin_link (id) {
        id -> BigInt,
        bulletin_id -> BigInt,
        code -> Text,
        url -> Text,
        label -> Text,
        position -> Integer,
    }
}

diesel::table! {
    bulletin_link_day (link_id, day) {
        link_id -> BigInt,
        day -> Text,
        count -> BigInt,
    }
}

diesel::table! {
    saved_audience (id) {
        id -> BigInt,
        name -> Text,
        name_key -> Text,
        criteria -> Text,
        updated_by -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    delivery (id) {
        id -> BigInt,
        kind -> Text,
        bulletin_id -> Nullable<BigInt>,
        subscriber_id -> Nullable<BigInt>,
        reference_id -> Nullable<BigInt>,
        recipient -> Text,
        state -> Text,
        due_at -> BigInt,
        claimed_by -> Nullable<Text>,
        tries -> Integer,
        stage -> Nullable<Text>,
        reply_code -> Nullable<Integer>,
        reply -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    delivery_attempt (id) {
        id -> BigInt,
        delivery_id -> BigInt,
        at -> BigInt,
        worker -> Text,
        outcome -> Text,
        stage -> Nullable<Text>,
        reply_code -> Nullable<Integer>,
        reply -> Nullable<Text>,
    }
}

diesel::table! {
    search_entry (id) {
        id -> BigInt,
        kind -> Text,
        source_id -> BigInt,
        position -> Integer,
        slug -> Text,
        title -> Text,
        body -> Text,
        title_words -> Text,
        body_words -> Text,
        published_at -> BigInt,
    }
}

diesel::table! {
    symposium (id) {
        id -> BigInt,
        slug -> Text,
        title -> Text,
        summary -> Text,
        programme -> Text,
        speakers -> Text,
        place -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        cpd_minutes -> Integer,
        capacity -> Nullable<Integer>,
        registration_closes_at -> BigInt,
        asks_dietary -> Bool,
        asks_access -> Bool,
        state -> Text,
        sequence -> Integer,
        version -> Integer,
        created_by -> BigInt,
        updated_by -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        published_at -> Nullable<BigInt>,
        cancelled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    registration (id) {
        id -> BigInt,
        symposium_id -> BigInt,
        subscriber_id -> BigInt,
        state -> Text,
        dietary -> Nullable<Text>,
        access -> Nullable<Text>,
        asked_at -> BigInt,
        moved_up_at -> Nullable<BigInt>,
        cancelled_at -> Nullable<BigInt>,
        reminded_at -> Nullable<BigInt>,
        attended -> Nullable<Bool>,
    }
}

diesel::table! {
    inbound_message (id) {
        id -> BigInt,
        received_at -> BigInt,
        way -> Text,
        digest -> Text,
        category -> Text,
        sender -> Text,
        subject -> Text,
        subscriber_id -> Nullable<BigInt>,
        byte_count -> BigInt,
        content -> Binary,
        wants_attention -> Bool,
        handled_at -> Nullable<BigInt>,
        handled_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    inbound_event (id) {
        id -> BigInt,
        at -> BigInt,
        way -> Text,
        meaning -> Text,
        delivery_id -> Nullable<BigInt>,
        subscriber_id -> Nullable<BigInt>,
        bulletin_id -> Nullable<BigInt>,
        category -> Text,
        code -> Nullable<Text>,
        words -> Text,
        remedy -> Text,
    }
}

diesel::table! {
    strike (id) {
        id -> BigInt,
        subscriber_id -> BigInt,
        delivery_id -> BigInt,
        at -> BigInt,
        in_dialogue -> Bool,
    }
}

diesel::joinable!(inbound_event -> subscriber (subscriber_id));
diesel::joinable!(inbound_event -> bulletin (bulletin_id));
diesel::joinable!(inbound_message -> subscriber (subscriber_id));
diesel::joinable!(inbound_message -> staff_member (handled_by));
diesel::table! {
    working_copy (id) {
        id -> BigInt,
        staff_id -> BigInt,
        article_id -> Nullable<BigInt>,
        version -> Integer,
        content -> Text,
        kept_at -> BigInt,
        kind -> Text,
        bulletin_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    article_remark (id) {
        id -> BigInt,
        article_id -> BigInt,
        version -> Integer,
        asks_for_changes -> Bool,
        words -> Text,
        by_staff -> BigInt,
        at -> BigInt,
    }
}

diesel::joinable!(article_remark -> staff_member (by_staff));
diesel::joinable!(working_copy -> staff_member (staff_id));
diesel::joinable!(staff_session -> staff_member (staff_id));
diesel::joinable!(staff_invitation -> staff_member (invited_by));
diesel::joinable!(audit_event -> staff_member (staff_id));
diesel::joinable!(subscription -> subscriber (subscriber_id));
diesel::joinable!(saved_filter -> staff_member (created_by));
diesel::joinable!(bulk_change -> staff_member (asked_by));
diesel::joinable!(bulk_member -> subscriber (subscriber_id));
diesel::joinable!(subscription -> topic (topic_id));
diesel::joinable!(signup_request -> subscriber (subscriber_id));
diesel::joinable!(consent_event -> subscriber (subscriber_id));
diesel::joinable!(consent_event -> consent_wording (wording_version));
diesel::joinable!(consent_event -> staff_member (staff_id));
diesel::joinable!(import_run -> staff_member (staff_id));
diesel::joinable!(site_setting -> staff_member (staff_id));
diesel::joinable!(article -> topic (topic_id));
diesel::joinable!(publication -> article (article_id));
diesel::joinable!(publication -> staff_member (approved_by));
diesel::joinable!(article_revision -> article (article_id));
diesel::joinable!(article_revision -> staff_member (saved_by));
diesel::joinable!(patient_consent -> staff_member (recorded_by));
diesel::joinable!(deidentification_tick -> staff_member (ticked_by));
diesel::joinable!(image -> staff_member (uploaded_by));
diesel::joinable!(bulletin_article -> bulletin (bulletin_id));
diesel::joinable!(bulletin_article -> article (article_id));
diesel::joinable!(bulletin_topic -> bulletin (bulletin_id));
diesel::joinable!(bulletin_wave -> bulletin (bulletin_id));
diesel::joinable!(bulletin_override -> bulletin (bulletin_id));
diesel::joinable!(bulletin_override -> staff_member (staff_id));
diesel::joinable!(bulletin_topic -> topic (topic_id));
diesel::joinable!(bulletin_link_day -> bulletin_link (link_id));
diesel::joinable!(saved_audience -> staff_member (updated_by));
diesel::joinable!(registration -> subscriber (subscriber_id));
diesel::joinable!(registration -> symposium (symposium_id));
diesel::joinable!(delivery -> bulletin (bulletin_id));
diesel::joinable!(delivery -> subscriber (subscriber_id));
diesel::joinable!(delivery_attempt -> delivery (delivery_id));

diesel::allow_tables_to_appear_in_same_query!(
    article,
    article_remark,
    article_revision,
    audit_event,
    bulk_change,
    bulk_member,
    bulletin,
    bulletin_article,
    bulletin_link,
    bulletin_link_day,
    bulletin_override,
    bulletin_topic,
    bulletin_wave,
    bulletin_writer,
    consent_event,
    consent_wording,
    deidentification_tick,
    delivery,
    delivery_attempt,
    erased_address,
    growth_day,
    image,
    import_run,
    inbound_event,
    inbound_message,
    instance_value,
    link_check,
    merged_address,
    patient_consent,
    publication,
    registration,
    saved_audience,
    saved_filter,
    search_entry,
    secret_key,
    signup_request,
    site_setting,
    staff_invitation,
    staff_link,
    staff_member,
    staff_recovery_code,
    staff_second_factor,
    staff_session,
    staff_sign_in,
    strike,
    subscriber,
    subscriber_word,
    subscription,
    supersession,
    symposium,
    topic,
    working_copy,
);
