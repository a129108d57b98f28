import Logging
package import MusterCore
package import SCIM

/// Carries out a bulk request (RFC 7644 §3.7): each operation as the single request that it would be, with its own
/// transaction, hooks and events.
package struct BulkExecution: Sendable {
    private let directory: Directory
    private let origin: RequestOrigin
    private let options: AnswerOptions
    private let authorize: @Sendable (ResourceType) throws -> Void

    /// Creates an execution.
    /// - Parameters:
    ///   - options: How the client's messages are read and where its base URL is; its selection and preconditions do not
    ///     count, since each operation has its own.
    ///   - authorize: Throws where the client may not change resources of this type.
    package init(
        directory: Directory, origin: RequestOrigin, options: AnswerOptions,
        authorize: @escaping @Sendable (ResourceType) throws -> Void
    ) {
        self.directory = directory
        self.origin = origin
        self.options = options
        self.authorize = authorize
    }

    /// Carries out all operations, or as many as `failOnErrors` lets it.
    /// - Returns: What became of each, and the quirks that their data needed.
    /// - Throws: `CancellationError` when the time is up; what was done by then stays done.
    package func run(_ request: BulkRequest) async throws -> (response: BulkResponse, quirks: Set<Quirk>) {
        var progress = BulkProgress(request, baseURL: options.baseURL, in: directory.registry)
        var quirks: Set<Quirk> = []
        while let call = progress.next() {
            try Task.checkCancellation()
            do {
                let (success, noted) = try await carryOut(call)
                quirks.formUnion(noted)
                progress.record(.success(success))
            } catch { progress.record(.failure(try refusal(error))) }
        }
        return (progress.response, quirks)
    }

    private func carryOut(_ call: BulkCall) async throws -> (BulkSuccess, Set<Quirk>) {
        // What was created is taken back and completed by the server itself.
        if call.purpose == .operation { try authorize(call.type) }
        var options = options
        options.selection = .default
        options.preconditions = call.preconditions
        var origin = origin
        origin.method = call.method.rawValue
        origin.path = call.type.endpoint + (call.id.map { "/" + $0 } ?? "")
        let data = call.data ?? .null
        switch (call.method, call.id) {
        case (.post, _):
            // The location is where the new resource is: the rest of the URL is the client's.
            let id = directory.makeID()
            return try success(201, id, await directory.create(call.type, id: id, data, origin, options))
        case (.put, let id?): return try success(200, id, await directory.replace(call.type, id: id, data, origin, options))
        case (.patch, let id?):
            let answer = try await directory.patch(call.type, id: id, data, origin, options)
            return success(answer.body == nil ? 204 : 200, id, answer)
        case (.delete, let id?):
            try await directory.delete(call.type, id: id, origin, options.preconditions)
            let key = ResourceKey(tenant: origin.tenant, type: call.type.name, id: id)
            return (BulkSuccess(status: 204, id: id, location: directory.location(key, options)), [])
        case (_, nil): throw SCIMError.invalidSyntax("\(call.method.rawValue) goes with the path of one resource")
        }
    }

    private func success(_ status: Int, _ id: String, _ answer: ResourceAnswer) -> (BulkSuccess, Set<Quirk>) {
        (BulkSuccess(status: status, id: id, location: answer.location, version: answer.etag), answer.quirks)
    }

    /// What is said of an operation that failed; only that there is no time left ends the whole request.
    private func refusal(_ error: any Error) throws -> SCIMError {
        switch error {
        case let error as SCIMError: return error
        case let error as CancellationError: throw error
        case let error as StoreError where error.code == .unavailable:
            return .unavailable("the directory cannot be reached now", retryAfter: 5)
        default:
            Logger.current.error("operation of a bulk request failed", metadata: ["error": "\(error)"])
            return SCIMError(status: 500, detail: "the server failed; its log tells more about the request \(origin.id)")
        }
    }
}
