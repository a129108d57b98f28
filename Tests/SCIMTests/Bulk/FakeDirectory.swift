import SCIM

/// Carries out the calls of a bulk request on a dictionary, and fails where a test says so.
struct FakeDirectory {
    /// The error for a call, by its line in ``log``.
    var failures: [String: SCIMError] = [:]
    /// What was done: `POST /Users`, `PATCH /Users/1`.
    private(set) var log: [String] = []
    /// The calls as they came.
    private(set) var calls: [BulkCall] = []
    /// The resources by path.
    private(set) var resources: [String: AttributeMap] = [:]
    private var count = 0

    init(failures: [String: SCIMError] = [:]) { self.failures = failures }

    static let baseURL = "https://host/scim/v2"

    mutating func run(_ request: BulkRequest) -> BulkResponse {
        var progress = BulkProgress(request, baseURL: Self.baseURL, in: .standard)
        while let call = progress.next() { progress.record(perform(call)) }
        return progress.response
    }

    private mutating func perform(_ call: BulkCall) -> Result<BulkSuccess, SCIMError> {
        let name = call.data?["userName"]?.string ?? call.data?["displayName"]?.string
        let line = call.method.rawValue + " " + call.type.endpoint + (call.id.map { "/" + $0 } ?? name.map { " " + $0 } ?? "")
        log.append(line)
        calls.append(call)
        if let error = failures[line] { return .failure(error) }
        var (id, status) = (call.id ?? "", 200)
        switch call.method {
        case .post:
            count += 1
            (id, status) = (String(count), 201)
            resources[call.type.endpoint + "/" + id] = call.data?.complex
        case .put: resources[call.type.endpoint + "/" + id] = call.data?.complex
        case .patch:
            for operation in call.data?["Operations"]?.array ?? [] {
                guard let path = operation["path"]?.string else { continue }
                let old = resources[call.type.endpoint + "/" + id]?[path]?.array ?? []
                let value = operation["value"] ?? .null
                resources[call.type.endpoint + "/" + id, default: [:]][path] = value.array.map { .array(old + $0) } ?? value
            }
        case .delete:
            resources[call.type.endpoint + "/" + id] = nil
            status = 204
        }
        let location = Self.baseURL + call.type.endpoint + "/" + id
        return .success(
            BulkSuccess(status: status, id: id, location: location, version: call.method == .delete ? nil : "W/\"\(log.count)\""))
    }
}
