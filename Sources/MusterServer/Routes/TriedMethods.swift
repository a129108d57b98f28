package import HTTPTypes

extension HTTPRequest.Method {
    /// All that a client may try: what is not registered, the router answers itself, and not with 405.
    package static var tried: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options, .trace]
            + ["QUERY", "SEARCH", "LINK", "UNLINK", "PURGE", "PROPFIND", "COPY", "MOVE", "LOCK", "UNLOCK"].compactMap {
                HTTPRequest.Method($0)
            }
    }
}
