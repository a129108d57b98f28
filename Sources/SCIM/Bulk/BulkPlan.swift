/// In which order the operations of a bulk request are carried out (RFC 7644 §3.7, §3.7.1).
///
/// It is the client's order, except that a resource is created before what refers to it. Resources that refer to each
/// other in a circle are created without the references that close it, which are filled in right after.
public struct BulkPlan: Sendable {
    /// One step.
    public enum Step: Sendable, Hashable {
        /// Carry out an operation, at first without these references.
        case execute(operation: Int, leavingOut: [BulkReference])
        /// Fill in what was left out.
        case complete(operation: Int, [BulkReference])
    }

    /// Steps whose operations succeed or fail together: one operation, or a circle of them.
    public struct Round: Sendable, Hashable {
        /// The operations by their number, in the order of their execution.
        public var operations: [Int]
        /// What is done for them.
        public var steps: [Step]
    }

    /// The rounds, one after the other.
    public private(set) var rounds: [Round] = []
    /// The operations that cannot be carried out at all, with the reason.
    public private(set) var refusals: [Int: SCIMError] = [:]
    /// Where each operation leads; nil for those that are refused because of their path.
    let targets: [BulkTarget?]
    /// The numbers of the operations to which each one refers.
    let dependencies: [Set<Int>]

    /// Plans a request.
    /// - Parameter baseURL: As the client sees it, without a slash at the end: `https://host/scim/v2`.
    public init(_ request: BulkRequest, baseURL: String, in registry: SchemaRegistry) {
        var numbers: [String: Int] = [:]
        for (number, operation) in request.operations.enumerated() where operation.method == .post {
            if let bulkId = operation.bulkId { numbers[bulkId] = number }
        }
        var (targets, references): ([BulkTarget?], [BulkReferences?]) = ([], [])
        var refusals: [Int: SCIMError] = [:]
        for (number, operation) in request.operations.enumerated() {
            do throws(SCIMError) {
                let target = try BulkTarget(operation.path, method: try operation.checked(), baseURL: baseURL, in: registry)
                targets.append(target)
                let found = BulkReferences(of: operation, target, in: registry)
                references.append(found)
                for bulkId in found.demanded + found.optional.map(\.bulkId) where numbers[bulkId] == nil {
                    throw .invalidValue("no POST operation of the request has the bulkId '\(bulkId.prefix(100))'")
                }
            } catch {
                refusals[number] = error
                if targets.count == number { targets.append(nil) }
                if references.count == number { references.append(nil) } else { references[number] = nil }
            }
        }
        let demanded = references.map { $0?.demanded.compactMap { numbers[$0] } ?? [] }
        let optional = references.map { $0?.optional.compactMap { numbers[$0.bulkId] } ?? [] }
        let edges = zip(demanded, optional).map { Self.unique($0 + $1) }
        for component in StrongComponents.find(in: edges) {
            let isCircle = component.count > 1 || edges[component[0]].contains(component[0])
            guard isCircle else {
                rounds.append(Round(operations: component, steps: [.execute(operation: component[0], leavingOut: [])]))
                continue
            }
            guard let order = Self.order(of: component, demanding: demanded) else {
                for number in component {
                    refusals[number] = .conflict("the resources refer to each other in a circle, and none can be created first")
                }
                rounds.append(Round(operations: component, steps: component.map { .execute(operation: $0, leavingOut: []) }))
                continue
            }
            rounds.append(Self.round(order) { number in references[number]?.optional.map { ($0, numbers[$0.bulkId]) } ?? [] })
        }
        self.refusals = refusals
        self.targets = targets
        dependencies = edges.map(Set.init)
    }

    /// The operations of a circle, each after those that it cannot be without; nil when these make a circle themselves.
    private static func order(of component: [Int], demanding demanded: [[Int]]) -> [Int]? {
        let places = Dictionary(uniqueKeysWithValues: component.enumerated().map { ($1, $0) })
        let edges = component.map { unique(demanded[$0].compactMap { places[$0] }) }
        let ordered = StrongComponents.find(in: edges)
        guard ordered.allSatisfy({ $0.count == 1 && !edges[$0[0]].contains($0[0]) }) else { return nil }
        return ordered.map { component[$0[0]] }
    }

    private static func round(_ order: [Int], references: (Int) -> [(reference: BulkReference, target: Int?)]) -> Round {
        var (steps, completions): ([Step], [Step]) = ([], [])
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        for (place, number) in order.enumerated() {
            let left = references(number).filter { item in item.target.flatMap { places[$0] }.map { $0 >= place } ?? false }
            // A value with a reference that must wait takes the others in it along.
            let leftValues = Set(left.map { BulkValuePlace($0.reference) })
            let whole = references(number).map(\.reference).filter { leftValues.contains(BulkValuePlace($0)) }
            steps.append(.execute(operation: number, leavingOut: whole))
            if !whole.isEmpty { completions.append(.complete(operation: number, whole)) }
        }
        return Round(operations: order, steps: steps + completions)
    }

    private static func unique(_ numbers: [Int]) -> [Int] {
        var seen: Set<Int> = []
        return numbers.filter { seen.insert($0).inserted }
    }
}

/// Which value of which attribute a reference stands in.
struct BulkValuePlace: Hashable {
    let container: String?
    let key: String
    let element: Int?

    init(container: String?, key: String, element: Int?) {
        self.container = container
        self.key = key
        self.element = element
    }

    init(_ reference: BulkReference) {
        self.init(container: reference.container, key: reference.key, element: reference.element)
    }
}
