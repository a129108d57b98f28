/// A dictionary that holds no more than a number of entries: a new one takes the place of the one that nobody asked for longest.
struct LeastRecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Node: Sendable {
        var key: Key
        var value: Value
        var previous: Int
        var next: Int
    }

    /// Stands where there is no node.
    private static var none: Int { -1 }

    private let capacity: Int
    private var nodes: [Node] = []
    private var places: [Key: Int] = [:]
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1

    /// - Parameter capacity: How many entries at most; at least one.
    init(capacity: Int) { self.capacity = max(capacity, 1) }

    var count: Int { places.count }

    /// The value of a key. Asking makes it the newest; assigning nil removes it.
    subscript(key: Key) -> Value? {
        mutating get {
            guard let place = places[key] else { return nil }
            moveToFront(place)
            return nodes[place].value
        }
        set {
            switch (places[key], newValue) {
            case (let place?, let value?):
                nodes[place].value = value
                moveToFront(place)
            case (let place?, nil): remove(place)
            case (nil, let value?): insert(key, value)
            case (nil, nil): break
            }
        }
    }

    private mutating func insert(_ key: Key, _ value: Value) {
        if places.count >= capacity { remove(oldest) }
        let node = Node(key: key, value: value, previous: Self.none, next: newest)
        let place: Int
        if let reused = free.popLast() {
            (place, nodes[reused]) = (reused, node)
        } else {
            place = nodes.count
            nodes.append(node)
        }
        places[key] = place
        link(place)
    }

    private mutating func remove(_ place: Int) {
        unlink(place)
        places[nodes[place].key] = nil
        free.append(place)
    }

    private mutating func moveToFront(_ place: Int) {
        guard place != newest else { return }
        unlink(place)
        link(place)
    }

    private mutating func link(_ place: Int) {
        (nodes[place].previous, nodes[place].next) = (Self.none, newest)
        if newest != Self.none { nodes[newest].previous = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Int) {
        let (previous, next) = (nodes[place].previous, nodes[place].next)
        if previous != Self.none { nodes[previous].next = next } else { newest = next }
        if next != Self.none { nodes[next].previous = previous } else { oldest = previous }
    }
}
