// Rows of a table that compare sizes of batches: as many anchors in all, so that larger batches have fewer steps.
//
// `row` makes a row of a name and settings; `inAll` is how many anchors a run sees. Each anchor brings a neighbour and a negative.
export const batchRow =
  (row, inAll, more = '', ...set) =>
  (anchors) =>
    row(
      `batches of ${3 * anchors}${more}`,
      `batches.anchors=${anchors}`,
      ...set,
      `steps=${Math.round(inAll / anchors)}`,
    );

/** With all that is linked as positives the triplets of a batch grow with its cube, and thousands of items do not fit into memory. */
export const drawnRow = (row, inAll) =>
  batchRow(row, inAll, ', the drawn neighbour as the only positive', 'batches.positives=drawn');
