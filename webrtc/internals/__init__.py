"""The private names of aiortc, aioice and pylibsrtp that the relay stands on, all in this package.

aiortc has no public way to take RTP before it is decoded or to send RTP that it has not encoded.
The versions and every name are asserted when a media process starts (`assert_internals`), so that
an upgrade that moves one of them ends in one clear line, not in a stream that stays black.
`docs/design/relay.md` says what each is for.
"""

from webrtc.internals.checked import TESTED, IncompatibleLibrary, assert_internals, ffi, libsrtp
from webrtc.internals.connections import (
    bound_candidates,
    drop_transport_feedback,
    dtls_transport,
    ice_connection,
    ice_transports,
    keep_header_extensions,
    negotiated_codecs,
    nominated_pair,
    nominated_pair_of,
    prefer_gcm_as_server,
    rename,
    replace_consent,
    replace_gathering,
    take_broken_rtcp,
    use_sockets,
    use_ssrc,
    waiting,
    watch_rtcp,
)
from webrtc.internals.datagrams import deliver_rtcp, deliver_rtp, end_receiving, receiving_keys
from webrtc.internals.publishers import (
    Received,
    ask_again,
    ask_keyframe,
    count_decodes,
    count_received,
    end_decoder,
    report_statistics,
    route_rtcp,
    rtcp_ssrc,
    send_rtcp,
    take_rtp,
)
from webrtc.internals.tables import extend_tables
from webrtc.internals.viewers import (
    count_encodes,
    fill_reports,
    srtp_keys,
    srtp_session,
    take_feedback,
)
