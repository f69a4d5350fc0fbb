import {
  type Attributes,
  type Buffer,
  type Charset,
  type Extended,
  type Flags,
  type Internals,
  internalsOf,
  type LinkEntry,
  type LinkService,
  type Marker,
  type XtermTerminal,
} from "./internals.ts";
import { restoreLine, type StoredLine, storeLine, type Style, StyleTable } from "./lines.ts";

/**
 * Everything that a terminal will act on later: its screens, and what output has set. Plain JSON.
 */
export interface TerminalState {
  cols: number;
  rows: number;
  alternate: boolean;
  normal: StoredBuffer;
  alt: StoredBuffer;
  styles: Style[];
  /**
   * With the lines on which they were printed, as a link is forgotten with the last of them;
   * `reset`: those of screens before a reset, which it outlives.
   */
  links: { id?: string; uri: string; normal: number[]; alt: number[]; reset: number[] }[];
  /** Style numbers of what is written, and erased, next. */
  pen: number;
  eraser: number;
  modes: Flags;
  privateModes: Flags;
  cursor: { hidden: boolean; initialized: boolean };
  mouse: { protocol: string; encoding: string };
  /** Options of the terminal that output can set. */
  options: { convertEol: boolean; cursorBlink: boolean };
  /** A restored cursor has a current one that is not its level's. */
  charsets: { current: Charset | null; level: number; all: (Charset | null)[] };
  titles: { window: string; icon: string; windowStack: string[]; iconStack: string[] };
  /** Whether a combining character that comes next joins the last one. */
  joins: number;
}

interface StoredBuffer {
  lines: StoredLine[];
  x: number;
  y: number;
  /** How many lines lie above the screen. */
  base: number;
  margins: [top: number, bottom: number];
  tabs: number[];
  saved: { x: number; y: number; pen: number; charset: Charset | null };
  /**
   * Most lines of the alternate screen: more than it has rows after resizes while it was empty, so
   * that output scrolls in it.
   */
  capacity?: number;
}

/**
 * A link that was forgotten when its line scrolled out; text that is still there looks like one.
 */
const LEADS_NOWHERE = -1;

/** Whether only a part of the screen scrolls. */
export function hasMargins(terminal: XtermTerminal): boolean {
  const { scrollTop, scrollBottom } = internalsOf(terminal).buffers.active;
  return scrollTop > 0 || scrollBottom < terminal.rows - 1;
}

/**
 * The state of a terminal whose output has been parsed to its end.
 * @param scrollbackLines most lines above the screen that are taken along
 */
export function captureState(terminal: XtermTerminal, scrollbackLines = Infinity): TerminalState {
  const core = internalsOf(terminal);
  const { buffers, coreService, coreMouseService, _charsetService: charsets, _inputHandler: input } = core;
  const { options } = core.optionsService;
  const links: LinkEntry[] = [];
  const linkNumbers = new Map<number, number>();
  const table = new StyleTable((urlId) => {
    const known = linkNumbers.get(urlId);
    if (known !== undefined) return known;
    const entry = core._oscLinkService._dataByLinkId.get(urlId);
    const number = entry ? links.push(entry) : LEADS_NOWHERE;
    linkNumbers.set(urlId, number);
    return number;
  });
  // Of what is written next it is kept even where a cell would not show it.
  const numberOf = ({ fg, bg, extended }: Attributes) => table.number(fg, bg, extended, true);
  const skippedOf = (buffer: Buffer) => Math.max(0, buffer.ybase - scrollbackLines);
  // Sets: there can be a link in each line.
  const [inNormal, inAlt] = [new Set(buffers.normal.markers), new Set(buffers.alt.markers)];
  const storeLink = ({ data, lines }: LinkEntry) => {
    const linesIn = (buffer: Buffer, markers: Set<Marker>) =>
      lines
        .filter((marker) => markers.has(marker))
        .map(({ line }) => line - skippedOf(buffer))
        .filter((line) => line >= 0);
    return {
      ...data,
      normal: linesIn(buffers.normal, inNormal),
      alt: linesIn(buffers.alt, inAlt),
      reset: lines.filter((marker) => !inNormal.has(marker) && !inAlt.has(marker)).map(({ line }) => line),
    };
  };
  const store = (buffer: Buffer): StoredBuffer => {
    const first = skippedOf(buffer);
    const lines = [];
    for (let at = first; at < buffer.lines.length; at++) lines.push(storeLine(buffer.lines.get(at)!, terminal.cols, table));
    return {
      lines,
      x: buffer.x,
      y: buffer.y,
      base: buffer.ybase - first,
      margins: [buffer.scrollTop, buffer.scrollBottom],
      tabs: Object.keys(buffer.tabs)
        .map(Number)
        .filter((column) => buffer.tabs[column]),
      saved: {
        x: buffer.savedX,
        y: Math.max(0, buffer.savedY - first),
        pen: numberOf(buffer.savedCurAttrData),
        charset: buffer.savedCharset ?? null,
      },
    };
  };
  // One that no text refers to now is taken up again by its id.
  for (const { id } of core._oscLinkService._entriesWithId.values()) table.link(id);
  const normal = store(buffers.normal);
  const alt = { ...store(buffers.alt), capacity: buffers.alt.lines.maxLength };
  return {
    cols: terminal.cols,
    rows: terminal.rows,
    alternate: buffers.active === buffers.alt,
    normal,
    alt,
    pen: numberOf(input._curAttrData),
    eraser: numberOf(input._eraseAttrDataInternal),
    styles: table.styles,
    links: links.map(storeLink),
    modes: { ...coreService.modes },
    privateModes: { ...coreService.decPrivateModes },
    cursor: { hidden: coreService.isCursorHidden, initialized: coreService.isCursorInitialized },
    mouse: { protocol: coreMouseService.activeProtocol, encoding: coreMouseService.activeEncoding },
    options: { convertEol: options.convertEol, cursorBlink: options.cursorBlink },
    charsets: {
      current: charsets.charset ?? null,
      level: charsets.glevel,
      all: Array.from(charsets._charsets, (charset) => charset ?? null),
    },
    titles: {
      window: input._windowTitle,
      icon: input._iconName,
      windowStack: [...input._windowTitleStack],
      iconStack: [...input._iconNameStack],
    },
    joins: input._parser.precedingJoinState,
  };
}

/**
 * Gives a terminal the state of another one. The terminal must be as new (after a reset), of the
 * state's size, and have parsed what it was given. What shows it is to be told to draw it anew.
 */
export function restoreState(terminal: XtermTerminal, state: TerminalState): void {
  const core = internalsOf(terminal);
  const { buffers, coreService, coreMouseService, _charsetService: charsets, _inputHandler: input } = core;
  const links = state.links.map((data) => registerLink(core, data));
  const nowhere = core._oscLinkService._nextId++;
  const idOf = (link: number) => (link === LEADS_NOWHERE ? nowhere : links[link - 1]!.id);
  const extendedOf = ([, , ext, link]: Style, extended: Extended): Extended => {
    extended._ext = ext ?? 0;
    extended._urlId = link ? idOf(link) : 0;
    return extended;
  };
  const blank = input._curAttrData.extended.clone();
  const attributesOf = (number: number): Attributes => {
    const style = state.styles[number]!;
    const attributes = input._curAttrData.clone();
    [attributes.fg, attributes.bg] = style;
    attributes.extended = extendedOf(style, blank.clone());
    return attributes;
  };
  /** Answers how many of the first lines there is no room for. */
  const fill = (buffer: Buffer, stored: StoredBuffer): number => {
    buffer.clear();
    const tools = {
      styles: state.styles,
      extendedOf: (style: Style) => (style.length > 2 ? extendedOf(style, blank.clone()) : undefined),
    };
    const plain = attributesOf(0);
    if (stored.capacity !== undefined) buffer.lines.maxLength = stored.capacity;
    const skipped = Math.max(0, stored.lines.length - buffer.lines.maxLength);
    stored.lines.slice(skipped).forEach((line) => {
      const restored = buffer.getBlankLine(plain);
      restoreLine(restored, line, tools, state.cols);
      buffer.lines.push(restored);
    });
    buffer.x = stored.x;
    buffer.y = stored.y;
    buffer.ybase = Math.max(0, stored.base - skipped);
    buffer.ydisp = buffer.ybase;
    [buffer.scrollTop, buffer.scrollBottom] = stored.margins;
    buffer.tabs = Object.fromEntries(stored.tabs.map((column) => [column, true]));
    buffer.savedX = stored.saved.x;
    buffer.savedY = Math.max(0, stored.saved.y - skipped);
    buffer.savedCurAttrData = attributesOf(stored.saved.pen);
    buffer.savedCharset = stored.saved.charset ?? undefined;
    return skipped;
  };
  if (state.alternate) buffers.activateAltBuffer();
  else buffers.activateNormalBuffer();
  const skipped = fill(buffers.normal, state.normal);
  fill(buffers.alt, state.alt);
  state.links.forEach(({ normal, alt, reset }, index) => {
    const keep = (marker: Marker) => keepWith(core._oscLinkService, links[index]!, marker);
    for (const line of normal) if (line >= skipped) keep(buffers.normal.addMarker(line - skipped));
    for (const line of alt) keep(buffers.alt.addMarker(line));
    for (const line of reset) keep({ line, onDispose: () => undefined });
  });
  core._bufferService.isUserScrolling = false;

  input._curAttrData = attributesOf(state.pen);
  input._eraseAttrDataInternal = attributesOf(state.eraser);
  Object.assign(coreService.modes, state.modes);
  Object.assign(coreService.decPrivateModes, state.privateModes);
  coreService.isCursorHidden = state.cursor.hidden;
  coreService.isCursorInitialized = state.cursor.initialized;
  coreMouseService.activeProtocol = state.mouse.protocol;
  coreMouseService.activeEncoding = state.mouse.encoding;
  Object.assign(core.optionsService.options, state.options);
  charsets._charsets = state.charsets.all.map((charset) => charset ?? undefined);
  charsets.glevel = state.charsets.level;
  charsets.charset = state.charsets.current ?? undefined;
  input._windowTitle = state.titles.window;
  input._iconName = state.titles.icon;
  input._windowTitleStack = [...state.titles.windowStack];
  input._iconNameStack = [...state.titles.iconStack];
  input._parser.precedingJoinState = state.joins;
  // The page's scroll bar goes by it.
  core._bufferService._onScroll.fire(buffers.active.ydisp);
}

/** Makes a link known, so that cells can refer to it. */
function registerLink({ _oscLinkService: service }: Internals, { id, uri }: { id?: string; uri: string }): LinkEntry {
  const data = { uri, ...(id !== undefined && { id }) };
  const entry: LinkEntry = { id: service._nextId++, data, lines: [] };
  if (data.id !== undefined) {
    entry.key = `${data.id};;${data.uri}`;
    service._entriesWithId.set(entry.key, entry);
  }
  service._dataByLinkId.set(entry.id, entry);
  return entry;
}

/** Has a link forgotten when the last line that it was printed on is gone. */
function keepWith(service: LinkService, entry: LinkEntry, marker: Marker): void {
  entry.lines.push(marker);
  marker.onDispose(() => service._removeMarkerFromLink(entry, marker));
}
