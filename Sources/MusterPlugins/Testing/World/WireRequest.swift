package import MusterCore
import SCIM

/// One request as a client puts it on the wire.
package struct WireRequest: Sendable, Hashable {
    /// Who sends it; the engine adds this client's access token unless the headers hold another one.
    package var client: String
    /// The method.
    package var method: String
    /// Path and query below the base URL, encoded as this client does: `/Users?filter=userName+eq+%22ada%22&`.
    package var target: String
    /// The headers.
    package var headers: [HTTPHeader]
    /// The body; empty for none.
    package var body: [UInt8]

    package init(client: String, method: String, target: String, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.client = client
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// A request with its answer.
struct WireExchange: Sendable {
    var request: WireRequest
    var response: OutboundResponse
}

/// A client's request that the server refused.
struct WireRefusal: Error, Sendable {
    var request: WireRequest
    var status: Int
    var scimType: String?
    var detail: String

    init(_ request: WireRequest, _ response: OutboundResponse) {
        self.request = request
        status = response.status
        let message = try? AttributeValue(json: response.body)
        scimType = message?["scimType"]?.string
        detail = message?["detail"]?.string ?? ""
    }

    /// `POST /Users was refused with 400 invalidValue: unknown department 'Piracy'`
    var text: String {
        "\(request.method) \(request.target) was refused with \(status)\(scimType.map { " " + $0 } ?? ""): \(detail)"
    }
}
