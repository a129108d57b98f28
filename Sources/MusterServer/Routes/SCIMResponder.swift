import HTTPTypes
import HummingbirdCore
import Logging
import MusterCore
import MusterDirectory
import SCIM

/// Turns one HTTP request into one call of the directory and its result into the answer.
struct SCIMResponder: Sendable {
    let directory: Directory
    let authentication: BearerAuthentication
    let settings: ServerSettings
    let serviceProviderConfig: ServiceProviderConfig

    private let baseURL: BaseURL
    private let bodyReader: BodyReader

    init(
        directory: Directory, authentication: BearerAuthentication, settings: ServerSettings,
        serviceProviderConfig: ServiceProviderConfig
    ) {
        self.directory = directory
        self.authentication = authentication
        self.settings = settings
        self.serviceProviderConfig = serviceProviderConfig
        baseURL = BaseURL(settings: settings)
        bodyReader = BodyReader(limits: settings.limits)
    }

    /// Answers a request.
    /// - Parameters:
    ///   - prefix: The path before the endpoint: `/scim/v2/`.
    ///   - path: The endpoint: `Users/42`.
    ///   - found: Called with the pattern of the endpoint, for metrics.
    func respond(
        to request: Request, prefix: Substring, path: Substring, logger: Logger, found: (String) -> Void
    ) async -> Response {
        await RequestEnvelope().respond(to: request, logger: logger) { scope in
            guard (request.head.path ?? "").utf8.count <= settings.limits.maximumTargetBytes else {
                throw SCIMError(status: 414, detail: "the URL is longer than \(settings.limits.maximumTargetBytes) bytes")
            }
            let principal = try await authentication.principal(authorization: request.headers[.authorization])
            scope.client = principal.name
            let endpoint = Endpoint(path: path, in: directory.registry)
            found(endpoint.pattern)
            guard endpoint.methods.contains(request.method) else { return try refuse(request.method, at: endpoint, scope) }
            let call = Call(
                request: request, principal: principal, path: path, baseURL: baseURL.text(for: request, prefix: prefix),
                parameters: try QueryParameters(request.uri.query), scope: scope)
            return try await answer(call, at: endpoint)
        }
    }

    /// A request with what its handler needs to know.
    struct Call: Sendable {
        let request: Request
        let principal: Principal
        let path: Substring
        let baseURL: String
        let parameters: QueryParameters
        let scope: RequestScope

        var mediaType: MediaType { scope.mediaType }

        func options() throws(SCIMError) -> AnswerOptions {
            AnswerOptions(selection: try parameters.selection(), baseURL: baseURL)
        }
    }

    private func answer(_ call: Call, at endpoint: Endpoint) async throws -> Response {
        switch (endpoint, call.request.method) {
        case (.collection(let type), .post): try await create(type, call)
        case (.collection(let type), _): try await search(type, call)
        case (.resource(let type, let id), .put): try await replace(type, id, call)
        case (.resource(let type, let id), .patch): try await patch(type, id, call)
        case (.resource(let type, let id), .delete): try await delete(type, id, call)
        case (.resource(let type, let id), _): try await get(type, id, call)
        default: try discover(endpoint, call)
        }
    }

    /// An endpoint that is not there, or a method that it does not take.
    private func refuse(_ method: HTTPRequest.Method, at endpoint: Endpoint, _ scope: RequestScope) throws(SCIMError) -> Response {
        switch endpoint {
        case .unknown: throw .notFound("there is no such endpoint; /ResourceTypes lists those of resources")
        case .unsupported(let feature): throw SCIMError(status: 501, detail: "\(feature) is not offered; see /ServiceProviderConfig")
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
            try await directory.get(type, id: id, in: call.principal.tenant, try call.options()), status: .ok,
            mediaType: call.mediaType)
    }

    private func search(_ type: ResourceType, _ call: Call) async throws -> Response {
        let search = try SearchRequest(parameters: call.parameters.pairs)
        let (directory, tenant, baseURL) = (directory, call.principal.tenant, call.baseURL)
        let bytes = try await withDeadline(settings.limits.requestTimeout) {
            try await directory.search(type, search, in: tenant, baseURL: baseURL)
        }
        return Response(status: .ok, bytes: bytes, mediaType: call.mediaType)
    }

    private func create(_ type: ResourceType, _ call: Call) async throws -> Response {
        let (body, options) = (try await bodyReader.json(of: call.request), try call.options())
        let answer = try await change(call) { [directory] in try await directory.create(type, body, $0, options) }
        var response = Response(answer, status: .created, mediaType: call.mediaType)
        response.headers[.location] = answer.location
        return response
    }

    private func replace(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Response {
        let (body, options) = (try await bodyReader.json(of: call.request), try call.options())
        let answer = try await change(call) { [directory] in try await directory.replace(type, id: id, body, $0, options) }
        return Response(answer, status: .ok, mediaType: call.mediaType)
    }

    private func patch(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Response {
        let (body, options) = (try await bodyReader.json(of: call.request), try call.options())
        let answer = try await change(call) { [directory] in try await directory.patch(type, id: id, body, $0, options) }
        return Response(answer, status: .ok, mediaType: call.mediaType)
    }

    private func delete(_ type: ResourceType, _ id: String, _ call: Call) async throws -> Response {
        try await change(call) { [directory] in try await directory.delete(type, id: id, $0) }
        return Response(status: .noContent)
    }

    /// Makes a change within the time it may take; what it runs logs under the request's id.
    private func change<Result: Sendable>(
        _ call: Call, _ body: @escaping @Sendable (RequestOrigin) async throws -> Result
    ) async throws -> Result {
        let context = RequestOrigin(
            id: call.scope.id, client: call.principal.name, method: call.request.method.rawValue, path: "/" + call.path,
            tenant: call.principal.tenant)
        let logger = call.scope.logger
        return try await withDeadline(settings.limits.requestTimeout) {
            try await withLogger(logger) { _ in try await body(context) }
        }
    }
}
