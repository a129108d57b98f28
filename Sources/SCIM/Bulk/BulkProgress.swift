/// How far a bulk request has come: a pure value that says what to do next (RFC 7644 §3.7).
///
///     var progress = BulkProgress(request, baseURL: baseURL, in: registry)
///     while let call = progress.next() {
///         progress.record(await result(of: call))   // as a single request would be answered
///     }
///     return progress.response.jsonBytes
///
/// It puts ids in the place of references, counts errors for `failOnErrors`, and fails what refers to something that
/// failed with 409. Operations that refer to each other in a circle succeed or fail together: where one fails, those that
/// were created already are deleted again.
public struct BulkProgress: Sendable {
    private enum State: Sendable {
        case created(BulkSuccess)
        case done(BulkSuccess)
        case failed(SCIMError, location: String?)
    }

    private let request: BulkRequest
    private let plan: BulkPlan
    private let baseURL: String
    private var round = 0
    private var step = 0
    private var states: [Int: State] = [:]
    private var ids: [String: String] = [:]
    private var undoing: [Int] = []
    private var errorCount = 0
    private var pending: BulkCall?

    /// Begins a request.
    /// - Parameter baseURL: As the client sees it, without a slash at the end: `https://host/scim/v2`.
    public init(_ request: BulkRequest, baseURL: String, in registry: SchemaRegistry) {
        self.request = request
        self.baseURL = baseURL
        plan = BulkPlan(request, baseURL: baseURL, in: registry)
    }

    /// What to do next; nil when there is nothing more. The same again until ``record(_:)`` says what became of it.
    public mutating func next() -> BulkCall? {
        while pending == nil {
            if let number = undoing.last {
                pending = undo(number)
                if pending == nil { undoing.removeLast() }
                continue
            }
            guard !isStopped, round < plan.rounds.count else { return nil }
            guard step < plan.rounds[round].steps.count else {
                (round, step) = (round + 1, 0)
                continue
            }
            begin(plan.rounds[round].steps[step])
        }
        return pending
    }

    /// Says what became of the call that ``next()`` gave.
    public mutating func record(_ result: Result<BulkSuccess, SCIMError>) {
        guard let call = pending else { return }
        pending = nil
        switch (call.purpose, result) {
        case (.operation, .success(let success)):
            step += 1
            states[call.operation] = call.method == .post ? .created(success) : .done(success)
            if call.method == .post, let bulkId = request.operations[call.operation].bulkId { ids[bulkId] = success.id }
        case (.completion, .success(let success)):
            step += 1
            if case .created(var created)? = states[call.operation] {
                created.version = success.version
                if created.response != nil { created.response = success.response ?? created.response }
                states[call.operation] = .created(created)
            }
        case (.undoing, .success): undoing.removeLast()
        case (.undoing, .failure(let error)):
            undoing.removeLast()
            remained(call, error)
        case (.operation, .failure(let error)), (.completion, .failure(let error)): fail(call.operation, error)
        }
    }

    /// What became of the operations so far.
    public var response: BulkResponse {
        BulkResponse(
            operations: request.operations.enumerated().compactMap { number, operation in
                var answer = BulkResponse.Operation(method: operation.methodName, bulkId: operation.bulkId, status: 0)
                switch states[number] {
                case .created(let success)?, .done(let success)?:
                    answer.version = success.version
                    answer.location = success.location
                    answer.status = success.status
                    answer.response = success.response
                case .failed(let error, let location)?:
                    answer.location = location
                    answer.status = error.status
                    answer.response = error.message
                case nil: return nil
                }
                return answer
            })
    }

    /// The errors of the operations that failed, by their number; for a log.
    public var errors: [Int: SCIMError] {
        states.compactMapValues { state in
            if case .failed(let error, _) = state { error } else { nil }
        }
    }

    // MARK: Steps

    private var isStopped: Bool { request.failOnErrors.map { errorCount >= $0 } ?? false }

    private mutating func begin(_ next: BulkPlan.Step) {
        switch next {
        case .execute(let number, let left):
            if let error = plan.refusals[number] { return fail(number, error) }
            if let failed = plan.dependencies[number].sorted().first(where: { isFailed($0) }) {
                let name = request.operations[failed].bulkId ?? ""
                return fail(number, .conflict("the operation with the bulkId '\(name)', to which this one refers, failed"))
            }
            do throws(SCIMError) {
                pending = try call(number, leavingOut: left)
            } catch {
                fail(number, error)
            }
        case .complete(let number, let left):
            guard case .created(let created)? = states[number], let target = plan.targets[number] else {
                step += 1
                return
            }
            pending = BulkCall(
                operation: number, purpose: .completion, method: .patch, type: target.type, id: created.id,
                data: completion(of: number, left), preconditions: .none)
        }
    }

    private func isFailed(_ number: Int) -> Bool {
        if case .failed? = states[number] { true } else { false }
    }

    private func call(_ number: Int, leavingOut left: [BulkReference]) throws(SCIMError) -> BulkCall {
        let operation = request.operations[number]
        let method = try operation.checked()
        guard let target = plan.targets[number] else { throw .notFound("'\(operation.path)' is no resource") }
        var preconditions = Preconditions.none
        if method != .post, let version = operation.version { preconditions = try Preconditions(ifMatch: version, ifNoneMatch: nil) }
        return BulkCall(
            operation: number, purpose: .operation, method: method, type: target.type, id: target.id.map(resolved),
            data: method == .delete
                ? nil : operation.data?.leavingOut(left).replacingBulkIds(isPatch: method == .patch, with: ids),
            preconditions: preconditions)
    }

    private func resolved(_ id: String) -> String {
        guard let bulkId = BulkReferenceText.bulkId(id), let found = ids[bulkId] else { return id }
        return found
    }

    /// The PATCH message that fills in what was left out.
    private func completion(of number: Int, _ left: [BulkReference]) -> AttributeValue {
        var (order, values): ([String], [String: [AttributeValue]]) = ([], [:])
        var (seen, singular): (Set<BulkValuePlace>, Set<String>) = ([], [])
        for reference in left where seen.insert(BulkValuePlace(reference)).inserted {
            guard let value = request.operations[number].data?.value(at: reference) else { continue }
            if values[reference.attribute] == nil { order.append(reference.attribute) }
            if reference.element == nil { singular.insert(reference.attribute) }
            values[reference.attribute, default: []].append(value.replacingBulkIds(isPatch: false, with: ids))
        }
        return [
            "schemas": [.string(PatchRequest.schema)],
            "Operations": .array(
                order.map { path in
                    let all = values[path] ?? []
                    return ["op": "add", "path": .string(path), "value": singular.contains(path) ? all.first ?? .null : .array(all)]
                }),
        ]
    }

    private func undo(_ number: Int) -> BulkCall? {
        guard case .failed? = states[number], let target = plan.targets[number], let bulkId = request.operations[number].bulkId,
            let id = ids[bulkId]
        else { return nil }
        return BulkCall(
            operation: number, purpose: .undoing, method: .delete, type: target.type, id: id, data: nil, preconditions: .none)
    }

    // MARK: Failing

    /// Fails an operation and, where it is part of a circle, the others of it.
    private mutating func fail(_ number: Int, _ error: SCIMError) {
        let operations = plan.rounds[round].operations
        for other in operations {
            if case .created? = states[other] { undoing.append(other) }
            let name = request.operations[number].bulkId ?? ""
            setFailed(
                other,
                other == number
                    ? error
                    : .conflict("the operation with the bulkId '\(name)', which it needs and which needs it, failed: \(error.detail)"))
        }
        (round, step) = (round + 1, 0)
    }

    private mutating func setFailed(_ number: Int, _ error: SCIMError) {
        var location: String?
        if let target = plan.targets[number], let id = target.id.map(resolved), BulkReferenceText.bulkId(id) == nil {
            location = baseURL + target.type.endpoint + "/" + id.percentEncoded
        }
        states[number] = .failed(plan.refusals[number] ?? error, location: location)
        errorCount += 1
    }

    /// What was created could not be deleted again; the client must know that it is there.
    private mutating func remained(_ call: BulkCall, _ cause: SCIMError) {
        guard case .failed(var error, _)? = states[call.operation], let id = call.id, cause.status != 404 else { return }
        error.detail += "; it was created all the same and could not be deleted again: \(cause.detail)"
        states[call.operation] = .failed(error, location: baseURL + call.type.endpoint + "/" + id.percentEncoded)
    }
}

extension AttributeValue {
    /// The value that a reference stands in.
    fileprivate func value(at reference: BulkReference) -> AttributeValue? {
        let holder = reference.container.map { self[$0] ?? .null } ?? self
        guard let value = holder[reference.key] else { return nil }
        guard let element = reference.element else { return value }
        guard let values = value.array, values.indices.contains(element) else { return nil }
        return values[element]
    }

    /// The data without the values that the references stand in.
    fileprivate func leavingOut(_ references: [BulkReference]) -> AttributeValue {
        guard !references.isEmpty else { return self }
        let left = Set(references.map(BulkValuePlace.init))
        return without(left, in: nil, containers: Set(left.compactMap(\.container)))
    }

    private func without(_ left: Set<BulkValuePlace>, in container: String?, containers: Set<String>) -> AttributeValue {
        guard case .complex(let map) = self else { return self }
        var kept = AttributeMap()
        for member in map.members {
            if container == nil, containers.contains(member.name) {
                kept.append(member.name, member.value.without(left, in: member.name, containers: []))
                continue
            }
            func isLeft(_ element: Int?) -> Bool {
                left.contains(BulkValuePlace(container: container, key: member.name, element: element))
            }
            if isLeft(nil) { continue }
            guard case .array(let values) = member.value else {
                kept.append(member.name, member.value)
                continue
            }
            kept.append(member.name, .array(values.enumerated().filter { !isLeft($0.offset) }.map(\.element)))
        }
        return .complex(kept)
    }
}
