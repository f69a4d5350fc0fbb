// Builds the page where it is not built from the present sources, as `npm start` does.
import { ensurePage } from "../../scripts/prepare.mjs";

await ensurePage();
