import HTTPTypes
import HummingbirdCore
import Hummingbird
import Logging
import MusterCore
import MusterDirectory
import SCIM

extension SCIMResponder {
    /// Answers a poll for security events (RFC 8936 §2).
    /// - Throws: `SCIMError`.
    func pollEvents(_ call: Call) async throws -> Response {
        let feed = try eventFeed()
        let poll = try EventPoll(message: try await bodyReader.json(of: call.request))
        poll.log(to: call.scope.logger)
        let scopes = call.principal.scopes
        let reader = EventFeed.Reader(
            tenant: call.tenant, client: call.principal.tokenID, baseURL: call.baseURL, mayRead: { scopes.allows(.read, resourceType: $0) })
        let directory = call.directory
        let answer = try await withDeadline(feed.settings.longestWait + settings.limits.requestTimeout) {
            try await feed.answer(to: poll, of: directory, for: reader)
        }
        var response = Response(status: .ok, bytes: answer.jsonBytes, mediaType: .json)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Answers the public key of the events' signatures, as a JSON Web Key Set (RFC 7517).
    func eventKeys(_ call: Call) async throws -> Response {
        let key = try await eventFeed().signingKey(in: call.directory.store)
        return Response(status: .ok, bytes: key.keySet.jsonBytes, mediaType: .json)
    }

    private func eventFeed() throws(SCIMError) -> EventFeed {
        guard let events else { throw .notFound("security events are switched off here") }
        return events
    }
}
