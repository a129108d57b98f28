import HTTPTypes
import HummingbirdCore
import Logging
import MusterCore
import MusterProvisioner
import MusterServer
import NIOCore
import SCIM

/// Turns one HTTP request into one call of the engine and its result into the answer.
struct AdminResponder: Sendable {
    let provisioner: Provisioner
    let authentication: Authentication
    let settings: ServerSettings
    let reconciliations: Reconciliations

    /// Answers a request.
    /// - Parameters:
    ///   - tenant: Whose administration the URL names.
    ///   - path: What stands behind `/admin/api/`.
    ///   - remoteAddress: Who opened the connection, where that is known.
    ///   - found: Called with the pattern of the operation's path, for metrics.
    func respond(
        to request: Request, tenant: Tenant, path: Substring, remoteAddress: SocketAddress?, logger: Logger, found: (String) -> Void
    ) async -> Response {
        let envelope = RequestEnvelope(mediaType: .json)
        var response = await envelope.respond(to: request, logger: logger, challenges: authentication.challenges) { scope in
            guard (request.head.path ?? "").utf8.count <= settings.limits.maximumTargetBytes else {
                throw SCIMError(status: 414, detail: "the URL is longer than \(settings.limits.maximumTargetBytes) bytes")
            }
            let principal = try await authentication.principal(
                for: AuthenticationRequest(headers: request.headers, tenant: tenant, remoteAddress: remoteAddress, logger: scope.logger))
            scope.client = principal.name
            // Before a path is looked at: what there is, is no affair of others.
            try principal.scopes.check(.read)
            guard let matches = AdminOperation.at(path) else {
                throw SCIMError.notFound("there is nothing at this path; openapi.json beside it says what there is")
            }
            found(matches.pattern)
            guard let operation = matches.operation(for: request.method) else { return refuse(request.method, at: matches) }
            try principal.scopes.check(operation.access)
            let call = AdminCall(
                provisioner: provisioner, reconciliations: reconciliations, tenant: principal.tenant, actor: principal.name,
                patience: settings.limits.requestTimeout, names: matches.names,
                parameters: try operation.parameters(of: request.uri.query), body: try await body(of: request, for: operation))
            return try await answer(call, by: operation, scope)
        }
        // What stands here is true now, and for those alone who may see it.
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private func body(of request: Request, for operation: AdminOperation) async throws -> AttributeValue {
        let isEmpty = request.headers[.contentLength].map { $0 == "0" } ?? (request.headers[.transferEncoding] == nil)
        guard let message = operation.body else {
            guard isEmpty else {
                throw SCIMError.invalidSyntax("\(operation.method.rawValue) \(operation.path.text) takes no body; send it without")
            }
            return .null
        }
        if isEmpty, message.isOptional { return .null }
        return try await BodyReader(limits: settings.limits).json(of: request)
    }

    /// What only looks is timed. What acts comes to its end: half an act would help nobody.
    private func answer(_ call: AdminCall, by operation: AdminOperation, _ scope: RequestScope) async throws -> Response {
        let logger = scope.logger
        let act: @Sendable () async throws -> AdminAnswer = { try await withLogger(logger) { _ in try await operation.act(call) } }
        do {
            let answer = operation.method == .get ? try await withDeadline(settings.limits.requestTimeout, act) : try await act()
            return Response(answer)
        } catch let error as ProvisionerError {
            return Response(AdminAnswer(error))
        } catch let error as TargetError {
            return Response(AdminAnswer(SCIMError(status: 502, detail: "the target did not do as it was asked: \(error)")))
        }
    }

    private func refuse(_ method: HTTPRequest.Method, at matches: AdminOperation.Matches) -> Response {
        let allowed = matches.methods.map(\.rawValue).joined(separator: ", ")
        var response = Response(
            AdminAnswer(SCIMError.methodNotAllowed("\(matches.pattern) does not take \(method.rawValue), but \(allowed)")))
        response.headers[.allow] = allowed
        return response
    }
}

extension Response {
    fileprivate init(_ answer: AdminAnswer) {
        self.init(status: HTTPResponse.Status(code: answer.status))
        if let document = answer.document {
            headers[.contentType] = MediaType.json.rawValue
            body = ResponseBody(byteBuffer: ByteBuffer(bytes: document.jsonBytes))
        }
        if let location = answer.location { headers[.location] = location }
    }
}
