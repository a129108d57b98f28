/// The first of many elements that come in any order: as many as fit, in a heap whose root is the last of them.
struct BoundedSelection<Element> {
    let capacity: Int
    let precedes: (Element, Element) -> Bool
    private var heap: [Element] = []

    init(capacity: Int, precedes: @escaping (Element, Element) -> Bool) {
        self.capacity = capacity
        self.precedes = precedes
    }

    /// The elements in order.
    var sorted: [Element] { heap.sorted(by: precedes) }

    /// Takes an element in, and lets the last one go when there are too many.
    mutating func insert(_ element: Element) {
        if heap.count < capacity {
            heap.append(element)
            rise()
        } else if let last = heap.first, precedes(element, last) {
            heap[0] = element
            sink()
        }
    }

    private mutating func rise() {
        var child = heap.count - 1
        while child > 0, case let parent = (child - 1) / 2, precedes(heap[parent], heap[child]) {
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var last = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(heap[last], heap[child]) { last = child }
            guard last != parent else { return }
            heap.swapAt(parent, last)
            parent = last
        }
    }
}
