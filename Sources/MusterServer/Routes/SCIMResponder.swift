import HTTPTypes
import HummingbirdCore
import Logging
package import MusterCore
package import MusterDirectory
import NIOCore
import SCIM

/// Turns one HTTP request into one call of the directory and its result into the answer.
struct SCIMResponder: Sendable {
    let directories: DirectoryLookup
    let authentication: Authentication
    let settings: ServerSettings
    /// Tells of changes; nil where that is switched off.
    let events: EventFeed?
    /// What is described besides the endpoints; nil for nothing.
    var supplement: OpenAPISupplement?

    private let baseURL: BaseURL
    let bodyReader: BodyReader

    init(
        directories: @escaping DirectoryLookup, authentication: Authentication, settings: ServerSettings, events: EventFeed? = EventFeed()
    ) {
        self.directories = directories
        self.authentication = authentication
        self.settings = settings
        self.events = events
        baseURL = BaseURL(settings: settings)
        bodyReader = BodyReader(limits: settings.limits)
    }

    /// Answers a request.
    /// - Parameters:
    ///   - tenant: Whose directory the URL names.
    ///   - prefix: The path before the endpoint: `/scim/v2/`.
    ///   - path: The endpoint: `Users/42`.
    ///   - remoteAddress: Who opened the connection, where that is known.
    ///   - found: Called with the pattern of the endpoint, for metrics.
    func respond(
        to request: Request, tenant: Tenant, prefix: Substring, path: Substring, remoteAddress: SocketAddress?, logger: Logger,
        found: (String) -> Void
    ) async -> Response {
        await RequestEnvelope().respond(to: request, logger: logger, challenges: authentication.challenges) { scope in
            guard (request.head.path ?? "").utf8.count <= settings.limits.maximumTargetBytes else {
                throw SCIMError(status: 414, detail: "the URL is longer than \(settings.limits.maximumTargetBytes) bytes")
            }
            let principal = try await authentication.principal(
                for: AuthenticationRequest(
                    headers: request.headers, tenant: tenant, remoteAddress: remoteAddress, logger: scope.logger))
            scope.client = principal.name
            // A token of a tenant that was just deleted may still be remembered as good.
            guard let directory = try await directories(tenant) else { throw Authentication.refusal }
            let (request, path) = try await rewritten(request, path, prefix: prefix, directory, principal, scope)
            let endpoint = Endpoint(path: path, in: directory.registry)
            found(endpoint.pattern)
            guard endpoint.methods.contains(request.method) else { return try refuse(request.method, at: endpoint, scope) }
            let call = Call(
                request: request, directory: directory, principal: principal, path: path,
                baseURL: baseURL.text(for: request, prefix: prefix, tenant: tenant),
                parameters: try QueryParameters(request.uri.query), scope: scope)
            try call.authorize(endpoint)
            let (response, quirks) = try await answer(call, at: endpoint)
            scope.quirks = quirks
            return response
        }
    }

    /// A request with what its handler needs to know.
    struct Call: Sendable {
        let request: Request
        let directory: Directory
        let principal: Principal
        let path: Substring
        let baseURL: String
        let parameters: QueryParameters
        let scope: RequestScope

        var mediaType: MediaType { scope.mediaType }
        var tenant: Tenant { principal.tenant }

        /// How the client's messages are read: as its token says, or else as its tenant does.
        var dialect: ClientDialect {
            principal.dialect.flatMap { ClientDialect(named: $0) } ?? directory.settings.dialect
        }

        func options() throws(SCIMError) -> AnswerOptions {
            AnswerOptions(
                selection: try parameters.selection(), baseURL: baseURL, dialect: dialect,
                preconditions: try Preconditions(ifMatch: request.headers[.ifMatch], ifNoneMatch: request.headers[.ifNoneMatch]),
                origin: origin)
        }

        var origin: RequestOrigin {
            RequestOrigin(
                id: scope.id, client: principal.name, method: request.method.rawValue, path: "/" + path, tenant: principal.tenant)
        }

        /// Whether the client's scopes allow what it asks for.
        /// - Throws: `SCIMError` 403.
        func authorize(_ endpoint: Endpoint) throws(SCIMError) {
            let isRead = [.get, .head].contains(request.method)
            switch endpoint {
            case .collection(let type), .resource(let type, _): try principal.scopes.check(isRead ? .read : .write, resourceType: type.name)
            case .search(let type): try principal.scopes.check(.read, resourceType: type.name)
            case .me: try principal.scopes.check(isRead ? .read : .write, resourceType: ResourceType.user.name)
            case .root, .rootSearch, .events: try principal.scopes.check(.read, resourceType: nil)
            // Each of its operations is asked for by itself.
            case .bulk, .unknown: break
            case .serviceProviderConfig, .resourceTypes, .resourceType, .schemas, .schema, .openAPI, .eventKeys:
                try principal.scopes.check(.read, resourceType: nil)
            }
        }
    }

    private typealias Answer = (response: Response, quirks: Set<Quirk>)

    private func answer(_ call: Call, at endpoint: Endpoint) async throws -> Answer {
        switch (endpoint, call.request.method) {
        case (.collection(let type), .post): try await create(type, call)
        case (.collection(let type), _): try await search([type], try SearchRequest(parameters: call.parameters.pairs), call)
        case (.root, _):
            try await search(call.directory.registry.resourceTypes, try SearchRequest(parameters: call.parameters.pairs), call)
        case (.search(let type), _): try await search([type], try await searchMessage(call), call)
        case (.rootSearch, _): try await search(call.directory.registry.resourceTypes, try await searchMessage(call), call)
        case (.resource(let type, let id), _): try await resource(type, id, call)
        case (.me, _): try await own(call)
        case (.bulk, _): try await bulk(call)
        case (.events, _): (try await pollEvents(call), [])
        case (.eventKeys, _): (try await eventKeys(call), [])
        default: (try discover(endpoint, call), [])
        }
    }

    /// The client's own user, with where it is (RFC 7644 §3.11).
    private func own(_ call: Call) async throws -> Answer {
        let id = try await ownID(call)
        var answer = try await resource(.user, id, call)
        if call.request.method != .delete {
            answer.response.headers[.location] = call.baseURL + ResourceType.user.endpoint + "/" + id
        }
        return answer
    }

    private func resource(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Answer {
        switch call.request.method {
        case .put: try await replace(type, id, call)
        case .patch: try await patch(type, id, call)
        case .delete: (try await delete(type, id, call), [])
        default: (try await get(type, id, call), [])
        }
    }

    /// An endpoint that is not there, or a method that it does not take.
    private func refuse(_ method: HTTPRequest.Method, at endpoint: Endpoint, _ scope: RequestScope) throws(SCIMError) -> Response {
        switch endpoint {
        case .unknown: throw .notFound("there is no such endpoint; /ResourceTypes lists those of resources")
        default: break
        }
        let allowed = endpoint.methods.map(\.rawValue).joined(separator: ", ")
        var response = Response(
            SCIMError(status: 405, detail: "\(endpoint.pattern) does not take \(method.rawValue), but \(allowed)"),
            mediaType: scope.mediaType)
        response.headers[.allow] = allowed
        return response
    }

    // MARK: Resources

    /// Not timed: the store answers it from a few rows, and a timer would cost a good part of what that costs.
    private func get(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Response {
        Response(
            try await call.directory.get(type, id: id, in: call.tenant, try call.options()), status: .ok, mediaType: call.mediaType)
    }

    private func searchMessage(_ call: Call) async throws -> SearchRequest {
        try SearchRequest(message: try await bodyReader.json(of: call.request))
    }

    private func search(_ types: [ResourceType], _ search: SearchRequest, _ call: Call) async throws -> Answer {
        let (directory, tenant, baseURL) = (call.directory, call.tenant, call.baseURL)
        // Of several types those are searched that the client may read.
        let readable = types.filter { call.principal.scopes.allows(.read, resourceType: $0.name) }
        let (dialect, origin) = (call.dialect, call.origin)
        let found = try await withDeadline(settings.limits.requestTimeout) {
            try await directory.search(readable, search, in: tenant, baseURL: baseURL, dialect: dialect, origin: origin)
        }
        return (Response(status: .ok, bytes: found.message, mediaType: call.mediaType), found.quirks)
    }

    private func create(_ type: ResourceType, _ call: Call) async throws -> Answer {
        let (body, options) = (try await bodyReader.json(of: call.request), try call.options())
        let answer = try await change(call) { try await call.directory.create(type, body, call.origin, options) }
        var response = Response(answer, status: .created, mediaType: call.mediaType)
        response.headers[.location] = answer.location
        return (response, answer.quirks)
    }

    private func replace(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Answer {
        let (body, options) = (try await bodyReader.json(of: call.request), try call.options())
        let answer = try await change(call) { try await call.directory.replace(type, id: id, body, call.origin, options) }
        return (Response(answer, status: .ok, mediaType: call.mediaType), answer.quirks)
    }

    private func patch(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Answer {
        let (body, options) = (try await bodyReader.json(of: call.request), try call.options())
        let answer = try await change(call) { try await call.directory.patch(type, id: id, body, call.origin, options) }
        return (Response(answer, status: .ok, mediaType: call.mediaType), answer.quirks)
    }

    private func delete(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Response {
        let options = try call.options()
        try await change(call) { try await call.directory.delete(type, id: id, call.origin, options.preconditions) }
        return Response(status: .noContent)
    }

    private func bulk(_ call: Call) async throws -> Answer {
        let limits = call.directory.settings.bulk
        let body = try await bodyReader.json(of: call.request, maximumBytes: limits.maximumPayloadBytes)
        let request = try BulkRequest(message: body, limits: limits)
        let options = try call.options()
        let execution = BulkExecution(
            directory: call.directory, origin: call.origin, options: options,
            authorize: { try call.principal.scopes.check(.write, resourceType: $0.name) })
        let result = try await change(call) { try await execution.run(request) }
        return (Response(status: .ok, bytes: result.response.jsonBytes, mediaType: call.mediaType), result.quirks)
    }

    /// The id of the user that the client itself is: whose userName is the client's name, or else whose externalId is.
    /// - Throws: `SCIMError` 404.
    private func ownID(_ call: Call) async throws -> String {
        let (directory, tenant, name) = (call.directory, call.tenant, call.principal.subject)
        guard let id = try await directory.user(named: name, in: tenant) else {
            throw SCIMError.notFound("no user has the userName or externalId '\(name)', which is what this client is called")
        }
        return id
    }

    /// Makes a change within the time it may take; what it runs logs under the request's id.
    private func change<Result: Sendable>(
        _ call: Call, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let logger = call.scope.logger
        return try await withDeadline(settings.limits.requestTimeout) {
            try await withLogger(logger) { _ in try await body() }
        }
    }
}

extension Principal {
    /// What the client calls itself, without the kind of its credential in front.
    fileprivate var subject: String { name.hasPrefix("jwt:") ? String(name.dropFirst(4)) : name }
}

/// Finds the engine of a tenant; nil when there is no such tenant.
package typealias DirectoryLookup = @Sendable (Tenant) async throws -> Directory?
