/**
 * The parts of xterm.js 6.0.0 that its state lies in and that its API does not show. The server's
 * headless terminal and the page's have them alike (both are its `common` folder). The lock file
 * pins the version; {@link internalsOf} refuses another one that has changed, and the property test
 * compares what becomes of the state.
 */
export interface Internals {
  _bufferService: {
    cols: number;
    rows: number;
    isUserScrolling: boolean;
    _onScroll: { fire(firstLine: number): void };
  };
  buffers: { normal: Buffer; alt: Buffer; active: Buffer; activateNormalBuffer(): void; activateAltBuffer(): void };
  coreService: { modes: Flags; decPrivateModes: Flags; isCursorHidden: boolean; isCursorInitialized: boolean };
  coreMouseService: { activeProtocol: string; activeEncoding: string };
  optionsService: { options: { convertEol: boolean; cursorBlink: boolean } };
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] };
  _oscLinkService: LinkService;
  _inputHandler: InputHandler;
}

export type Flags = Record<string, boolean | string | undefined>;
/** Which character stands for which; undefined: each for itself. */
export type Charset = Record<string, string> | undefined;

export interface Buffer {
  readonly markers: Marker[];
  lines: { length: number; maxLength: number; get(index: number): Line | undefined; push(line: Line): void };
  x: number;
  y: number;
  ybase: number;
  ydisp: number;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedY: number;
  savedCurAttrData: Attributes;
  savedCharset: Charset;
  clear(): void;
  getBlankLine(attributes: Attributes): Line;
  addMarker(line: number): Marker;
}

export interface Line {
  length: number;
  isWrapped: boolean;
  /** Three numbers for each cell: content, foreground, background. */
  _data: Uint32Array;
  /** Texts of more than one code point, by column. */
  _combined: Record<number, string>;
  /** Underlines and links, by column. */
  _extendedAttrs: Record<number, Extended | undefined>;
}

export interface Attributes {
  fg: number;
  bg: number;
  extended: Extended;
  clone(): Attributes;
}

export interface Extended {
  _ext: number;
  _urlId: number;
  clone(): Extended;
}

export interface Marker {
  line: number;
  onDispose(listener: () => void): unknown;
}

export interface LinkEntry {
  id: number;
  key?: string;
  data: { id?: string; uri: string };
  lines: Marker[];
}

export interface LinkService {
  _nextId: number;
  _entriesWithId: Map<string, LinkEntry>;
  _dataByLinkId: Map<number, LinkEntry>;
  _removeMarkerFromLink(entry: LinkEntry, marker: Marker): void;
}

/** The numbers of a control sequence. */
interface Parameters {
  params: ArrayLike<number>;
}

export interface InputHandler {
  _curAttrData: Attributes;
  _eraseAttrDataInternal: Attributes;
  _windowTitle: string;
  _iconName: string;
  _windowTitleStack: string[];
  _iconNameStack: string[];
  _parser: { precedingJoinState: number };
  eraseInDisplay(params: Parameters, respectProtect: boolean): boolean;
  scrollUp(params: Parameters): boolean;
  scrollDown(params: Parameters): boolean;
  insertLines(params: Parameters): boolean;
  deleteLines(params: Parameters): boolean;
  cursorForwardTab(params: Parameters): boolean;
  cursorBackwardTab(params: Parameters): boolean;
  repeatPrecedingCharacter(params: Parameters): boolean;
}

/** A terminal of xterm.js, headless or not. */
export interface XtermTerminal {
  readonly cols: number;
  readonly rows: number;
}

/**
 * The inside of a terminal.
 * @throws Error where this xterm.js is not built as the one that this module was written for
 */
export function internalsOf(terminal: XtermTerminal): Internals {
  const core = (terminal as unknown as { _core?: Internals })._core;
  const parts = [
    core?.buffers?.normal?.lines,
    core?.buffers?.alt?.savedCurAttrData?.extended,
    core?.coreService?.decPrivateModes,
    core?.coreMouseService,
    core?.optionsService?.options,
    core?._charsetService?._charsets,
    core?._oscLinkService?._dataByLinkId,
    core?._inputHandler?._curAttrData?.extended,
    core?._inputHandler?._parser,
  ];
  if (!core || parts.some((part) => part === undefined))
    throw new Error("This xterm.js keeps its state in another way than 6.0.0");
  return core;
}
