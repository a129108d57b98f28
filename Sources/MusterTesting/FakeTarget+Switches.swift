extension FakeTarget {
    /// What a ``FakeTarget`` does badly. All are off at first.
    public struct Switches: Sendable, Hashable {
        /// PATCH is answered with 501.
        public var noPatch = false
        /// PUT is answered with 501.
        public var noPut = false
        /// DELETE is answered with 405.
        public var noDelete = false
        /// Any filter is answered with 400.
        public var noFilter = false
        /// Filters that name one of these values are answered with 400.
        public var oddFilterValues: Set<String> = []
        /// Filters are ignored: everybody is listed.
        public var ignoresFilters = false
        /// `startIndex` and `count` are ignored.
        public var noPaging = false
        /// Numbers in lists are texts.
        public var numbersAsText = false
        /// Lists that are empty have no `Resources`.
        public var noEmptyResources = false
        /// Searches that find nothing are answered with 404.
        public var notFoundWhenEmpty = false
        /// Each so manieth request is answered with 429; nil for none.
        public var throttlesEvery: Int?
        /// The `Retry-After` of a 429.
        public var retryAfter = "1"
        /// The rules of AWS IAM Identity Center.
        public var awsRules = false
        /// Members are removed by a filter in the path only; a value is answered with 400.
        public var removesByFilterOnly = false
        /// Members are removed by a value only; a filter in the path is answered with 400.
        public var removesByValueOnly = false
        /// Errors have SCIM 1.1's form, and a conflict is a 400.
        public var scim11Errors = false
        /// Bodies of the type `application/scim+json` are answered with 415.
        public var plainJSONOnly = false
        /// A 201 has no body, but a `Location`.
        public var createdWithoutBody = false
        /// A 201 has neither body nor `Location`.
        public var createdWithoutTrace = false
        /// Each distinct write is answered once with 500, and not done.
        public var failsOnce = false
        /// Each distinct write is done, but its first answer gets lost; see ``FakeTarget/send(_:)``.
        public var losesAnswersOnce = false
        /// There is no ServiceProviderConfig.
        public var noServiceProviderConfig = false
        /// Everything is answered with 404, as by a gateway, or below a wrong base URL.
        public var isElsewhere = false
        /// Everything is answered with 401.
        public var unauthorized = false
        /// The only value of `Authorization` that is not answered with 401; nil for any.
        public var authorization: String?
        /// Larger bodies are answered with 413; nil for no limit.
        public var payloadLimitBytes: Int?
        /// Users of these names are refused with 400.
        public var refusedUserNames: Set<String> = []
        /// Attributes of users that are taken and never given back.
        public var forgets: Set<String> = []
        /// Writes to users of these names are answered with 403.
        public var forbiddenUserNames: Set<String> = []
        /// Members cannot be taken out of groups: 422.
        public var refusesRemovals = false
        /// How long each answer takes; nil for no time.
        public var delay: Duration?

        /// Creates a target's switches, all off.
        public init() {}

        /// Creates switches with some of them on.
        public init(_ change: (inout Switches) -> Void) { change(&self) }
    }
}
