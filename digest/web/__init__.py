"""Serve the pages: editions, papers, topics, search, feeds, sign-up and preferences.

::

    app, site         which route leads where; what the pages are made from
    serving           uvicorn behind a port; connections, admission, thread_pools under load
    editions, top, papers, topics, search, feeds, crawlers     what anybody may read
    citation_files     papers as citations
    subscribe, confirm, decline, preferences, unsubscribe, api     what changes a subscription
    stop              what stops an edition that is held for a preview
    public_api, api_objects, cors     papers, editions and topics as JSON, for any page of the web
    management        the API for programs that manage the list; api_tokens lets them in,
                      management_requests reads what they send, management_reports what happened
    openapi, management_openapi, openapi_parts     the descriptions of both APIs
    api_parameters, problems     parameters read strictly, errors as documents
    link_pages        pages behind a signed link: GET shows, POST acts
    forms, preference_fields, signup_queue     what visitors post
    visitors, networks     where a visitor comes from, as far as limits need it
    edition_view, display     papers and editions as the templates show them
    page_cache, readable_texts     finished pages and converted texts, kept
    security, health, error_pages     headers, liveness, what a visitor sees when it fails
"""
